"""Finds a place for the mongod's Unix socket, the one way to it.

The socket is in a directory that no other user may enter, so the kernel keeps all others out. The place is
under the data directory. Where that cannot be, it is a new directory among the temporary ones, and a file in
the data directory names it. A socket's path has at most 107 bytes, and not every file system holds sockets.
"""

import json
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from graphql_api.embedded_mongod import replica_set
from graphql_api.embedded_mongod.data_directory import private_opener
from graphql_api.embedded_mongod.errors import EmbeddedMongodError

_NAME = Path(replica_set.HOST).name
_OWN_DIRECTORY = "socket"
_POINTER = "mongod.socket"
_PREFIX = "graphql-api-mongod-"
SHORTEST = "/tmp"  # noqa: S108 - each directory made in it is private


def running_uri(data_dir: Path) -> str | None:
    """Return the URI of the mongod that runs on this data directory, or ``None``; nothing is changed.

    A mongod that has just started answers it, too. It takes no writes for a moment.
    """
    for directory in (data_dir.absolute() / _OWN_DIRECTORY, _elsewhere(data_dir)):
        if directory is not None and is_answered(directory):
            return uri_of(directory)
    return None


def uri_of(directory: Path) -> str:
    """Return the URI for clients of the mongod whose socket is there."""
    return f"mongodb://{host_of(directory)}/?replicaSet={replica_set.NAME}&directConnection=true"


def host_of(directory: Path) -> str:
    """Return the address of that mongod as a URI has it."""
    return quote(str(directory / _NAME), safe="")


def is_answered(directory: Path) -> bool:
    """Return whether a process accepts connections there."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)  # a full queue is no answer
        try:
            probe.connect(str(directory / _NAME))
        except OSError:
            return False
    return True


@contextmanager
def socket_directory(data_dir: Path, *, last_resort: str = SHORTEST) -> Iterator[Path]:
    """Yield a private directory for the socket, to be used under the lock of the data directory.

    Raises:
        EmbeddedMongodError: there is no place for a socket.
        OSError: the data directory cannot be written.

    """
    _remove_what_was_left(data_dir)
    own = data_dir / _OWN_DIRECTORY
    own.mkdir(mode=0o700, exist_ok=True)
    own.chmod(0o700)
    if _holds_sockets(own):
        yield own
        return
    with _another_place(own, last_resort=last_resort) as other:
        _point(data_dir, other)
        try:
            yield other
        finally:
            (data_dir / _POINTER).unlink(missing_ok=True)


@contextmanager
def _another_place(own: Path, *, last_resort: str) -> Iterator[Path]:
    """Yield a new private directory that holds sockets: where TMPDIR says, or in the last resort."""
    for parent in (None, last_resort):
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as name:
            if _holds_sockets(Path(name)):
                yield Path(name)
                return
    raise EmbeddedMongodError(f"neither {own} nor {tempfile.gettempdir()} can hold a Unix socket: set TMPDIR")


def _holds_sockets(directory: Path) -> bool:
    path = directory / _NAME
    path.unlink(missing_ok=True)  # a killed mongod leaves it
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(path))
        except OSError:
            return False
    path.unlink()
    return True


def _point(data_dir: Path, directory: Path) -> None:
    pointer = data_dir / _POINTER
    pointer.unlink(missing_ok=True)
    with open(pointer, "x", opener=private_opener) as file:
        json.dump({"directory": str(directory), "data_dir": _identity(data_dir)}, file)


def _identity(data_dir: Path) -> list[int]:
    """Return what a copy of the directory does not share with it."""
    found = data_dir.stat()
    return [found.st_dev, found.st_ino]


def _elsewhere(data_dir: Path) -> Path | None:
    """Return the directory named in the data directory, if it is still the one that was made for it."""
    pointer = data_dir / _POINTER
    try:
        named = json.loads(pointer.read_text())
        directory = Path(named["directory"])
        found = directory.lstat()
        is_ours = named["data_dir"] == _identity(data_dir) and found.st_uid == pointer.stat().st_uid
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    return directory if is_ours and is_private and directory.name.startswith(_PREFIX) else None


def _remove_what_was_left(data_dir: Path) -> None:
    """Remove the temporary directory of a killed server."""
    left = _elsewhere(data_dir)
    if left is not None and left.stat().st_uid == os.geteuid() and not is_answered(left):
        with suppress(OSError):
            shutil.rmtree(left)
