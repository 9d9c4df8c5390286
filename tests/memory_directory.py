"""A directory in memory, if the machine has one.

A mongod there waits for no disk at the sync of each write.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.process_states import is_running

MEMORY = Path("/dev/shm")  # noqa: S108 - a directory made in it is this user's alone
PREFIX = "graphql-api-tests-"
LEAST_FREE_BYTES = 2 * 1024**3
"""A container may have 64 MB there; several mongods of a run need a few hundred each."""


@contextmanager
def memory_directory(
    *, otherwise: Path, memory: Path = MEMORY, least_free_bytes: int = LEAST_FREE_BYTES
) -> Iterator[Path]:
    """Yield an empty directory in memory, or ``otherwise`` on a machine without room there."""
    if not (os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= least_free_bytes):
        yield otherwise
        return
    _remove_what_was_left(memory)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=memory) as directory:
        yield Path(directory)


def _remove_what_was_left(memory: Path) -> None:
    """Free the memory still taken by a killed run."""
    for directory in memory.glob(f"{PREFIX}*"):
        if not is_running(int(directory.name.removeprefix(PREFIX).split("-")[0])):
            shutil.rmtree(directory, ignore_errors=True)
