"""Keeps a data directory to its owner: other users of the machine neither read it nor enter it."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

CLOSED_TO_OTHERS = 0o077
"""The umask of whatever writes there."""
_DIRECTORIES = frozenset({"mongodb", "socket"})
_FILES = frozenset(
    {
        "key_pepper",
        "mongod.log",
        "mongod.previous.log",
        "mongod.socket",
        "mongodb.lock",
        "sandbox.json",
        "sandbox.json.new",
    }
)


def make_private(directory: Path) -> None:
    """Make the directory, or close an older one to others; raises ``OSError``.

    A directory that holds other things as well is left as wide as it is, because somebody may need it so: a
    home, for example. Our own files there are closed all the same, and a warning says so.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = {entry.name for entry in directory.iterdir()}
    for name in names & _FILES:
        with suppress(OSError):  # it is another user's; the directory decides then
            (directory / name).chmod(0o600)
    if names <= _FILES | _DIRECTORIES:
        with suppress(OSError):
            directory.chmod(0o700)
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & CLOSED_TO_OTHERS:
        log.warning("other users can enter the data directory", directory=str(directory), mode=f"{mode:o}")


def private_opener(path: str, flags: int) -> int:
    """Open a file for its owner alone, as ``opener`` of ``open``."""
    return os.open(path, flags, 0o600)
