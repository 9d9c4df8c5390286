"""Locks a data directory for one server and its mongod.

The lock is an flock on a file. The file is never removed. The mongod inherits the open file, so the lock is
held as long as the server *or* its mongod lives. The kernel frees it when both are gone: a crash leaves a
file behind, but no lock.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from graphql_api.embedded_mongod.errors import DirectoryInUseError
from graphql_api.embedded_mongod.lifeline import is_alive

_FILE_NAME = "mongodb.lock"
_POLL_SECONDS = 0.05
_ORPHAN_SECONDS = 20.0  # after a killed server its mongod ends by itself in about one second


@asynccontextmanager
async def directory_lock(directory: Path) -> AsyncIterator[int]:
    """Hold the lock of an existing directory; yields its file descriptor for the mongod to inherit.

    Raises:
        DirectoryInUseError: a live process holds it. Only a dead server's mongod is waited for.

    """
    file = os.open(directory / _FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _acquire(file, directory)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield file
    finally:
        os.close(file)


async def _acquire(file: int, directory: Path) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + _ORPHAN_SECONDS
    while not _try_lock(file):
        holder = _holder(file)
        if holder is not None and is_alive(holder):
            raise DirectoryInUseError(
                f"the data directory {directory} is in use by process {holder}: "
                "stop it, or set another DATA_DIR"
            )
        if clock() > deadline:
            raise DirectoryInUseError(
                f"the data directory {directory} is in use by a mongod whose server (process {holder}) "
                "has ended: stop that mongod, or set another DATA_DIR"
            )
        await asyncio.sleep(_POLL_SECONDS)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: int) -> int | None:
    content = os.pread(file, 32, 0).strip()
    return int(content) if content.isdigit() else None
