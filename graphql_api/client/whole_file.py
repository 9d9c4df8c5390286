"""Writes a file that is there as a whole or not at all."""

import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import click

STDOUT = "-"


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """Yield a file that takes its place at ``path`` at the end; ``-`` is stdout.

    After an error nothing is left of it, and what was at ``path`` is unchanged. Raises ``OSError``.
    """
    target = Path(path).resolve()  # a link stays, and what it leads to is replaced
    if path == STDOUT or (target.exists() and not target.is_file()):
        with _copied(path) as file:
            yield file
    else:
        with _renamed(target) as file:
            yield file


@contextmanager
def _copied(path: str) -> Iterator[BinaryIO]:
    """Yield a temporary file for what can only be written to: stdout, a pipe, a device."""
    with TemporaryFile() as spool:
        yield cast("BinaryIO", spool)
        spool.seek(0)
        with click.open_file(path, "wb") as stream:
            copyfileobj(spool, stream)


@contextmanager
def _renamed(target: Path) -> Iterator[BinaryIO]:
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        if target.exists():
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
