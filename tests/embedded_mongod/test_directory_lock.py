"""The lock of a data directory.

It has one live holder, and nothing is left of a dead one.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphql_api.embedded_mongod.directory_lock import directory_lock
from graphql_api.embedded_mongod.errors import DirectoryInUseError

_DEAD = 4194304
"""A pid above the kernel's largest, so nobody has it."""


async def test_a_live_process_keeps_the_lock(tmp_path: Path) -> None:
    """The second is refused at once, and the refusal names the directory and its holder."""
    async with directory_lock(tmp_path):
        with pytest.raises(DirectoryInUseError) as refusal:
            async with asyncio.timeout(10), directory_lock(tmp_path):
                pass
        assert (tmp_path / "mongodb.lock").read_text() == f"{os.getpid()}\n"
    assert str(refusal.value) == (
        f"the data directory {tmp_path} is in use by process {os.getpid()}: stop it, or set another DATA_DIR"
    )


async def test_a_lock_can_be_taken_again(tmp_path: Path) -> None:
    """The file stays, for its owner alone to read, and holds the last holder's pid and nothing longer."""
    lock = tmp_path / "mongodb.lock"
    async with directory_lock(tmp_path):
        assert lock.stat().st_mode & 0o777 == 0o600
    lock.write_text("12345678901234567890\n")
    async with directory_lock(tmp_path):
        assert lock.read_text() == f"{os.getpid()}\n"


async def test_a_file_without_a_lock_is_no_obstacle(tmp_path: Path) -> None:
    """After a crash the file may name the pid of a process of today."""
    (tmp_path / "mongodb.lock").write_text(f"{os.getppid()}\n")
    async with directory_lock(tmp_path):
        assert (tmp_path / "mongodb.lock").read_text() == f"{os.getpid()}\n"


async def test_a_dead_servers_mongod_is_waited_for(tmp_path: Path) -> None:
    """It has inherited the lock, and the kernel frees it at its end."""
    async with directory_lock(tmp_path) as file:
        waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        orphan = subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=[file])  # noqa: ASYNC220 - ours
    (tmp_path / "mongodb.lock").write_text(f"{_DEAD}\n")
    taking = asyncio.create_task(_taken(tmp_path))
    await asyncio.sleep(0)
    assert not taking.done()
    orphan.communicate()
    assert await taking == f"{os.getpid()}\n"


async def _taken(directory: Path) -> str:
    async with directory_lock(directory):
        return (directory / "mongodb.lock").read_text()
