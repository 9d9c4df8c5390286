"""A package index after a new release of each pin."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from tests.installation.locks import Pin, pins

NEWER = "9999"
"""The version of each later release."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the standard library
        pass


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve a directory of packages on loopback and yield the index's URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def publish(pin: Pin, *, index: Path, programs: dict[str, str]) -> str:
    """Put the pinned version and a newer one on the index, both empty, and return the digest of the first.

    They have the requirements of the real package; ``programs`` are their scripts, by name.
    """
    directory = index / pin.name
    directory.mkdir(exist_ok=True)
    files = {version: _wheel(pin.name, version, directory, programs) for version in (pin.version, NEWER)}
    digests = {version: sha256(file.read_bytes()).hexdigest() for version, file in files.items()}
    links = [f'<a href="{files[version].name}#sha256={digests[version]}">_</a>' for version in files]
    (directory / "index.html").write_text("\n".join(["<!doctype html>", *links]))
    return digests[pin.version]


def copy_of_lock(lock: Path, *, index: Path, programs: dict[str, str]) -> str:
    """Return the lock with the digests of the index's files, published for this."""
    lines = []
    for pin in pins(lock).values():
        digest = publish(pin, index=index, programs=programs if pin.name in programs else {})
        lines.append(f"{pin.requirement} --hash=sha256:{digest}\n")
    return "".join(lines)


def _wheel(name: str, version: str, directory: Path, programs: dict[str, str]) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    file = directory / f"{stem}-py3-none-any.whl"
    about = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *_requirements(name)]
    contents = {
        f"{stem}.dist-info/METADATA": "\n".join(about),
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
        **{f"{stem}.data/scripts/{program}": script for program, script in programs.items()},
    }
    record = f"{stem}.dist-info/RECORD"
    with ZipFile(file, "w") as wheel:
        for path, content in (
            *contents.items(),
            (record, "".join(f"{path},,\n" for path in (*contents, record))),
        ):
            wheel.writestr(_entry(path), content)
    return file


def _entry(path: str) -> ZipInfo:
    """Return an entry of the same day every time, for equal digests; a script may be run."""
    entry = ZipInfo(path)
    entry.external_attr = 0o100755 << 16
    return entry


def _requirements(name: str) -> list[str]:
    """Return the installed package's own requirements; one of another platform says nothing here."""
    try:
        real = metadata(name)
    except PackageNotFoundError:
        return []
    return [
        f"{field}: {value}"
        for field in ("Requires-Dist", "Provides-Extra")
        for value in real.get_all(field, failobj=[])
    ]
