"""Where the tests' mongod keeps its data."""

import os
from pathlib import Path

from tests.memory_directory import PREFIX, memory_directory


def test_the_directory_is_in_memory_and_goes_away(tmp_path: Path) -> None:
    """A run's remains in memory would be missing until the next boot."""
    with memory_directory(otherwise=tmp_path / "disk", memory=tmp_path, least_free_bytes=1) as directory:
        assert directory.parent == tmp_path
        (directory / "data").write_text("data")
    assert list(tmp_path.iterdir()) == []


def test_without_room_in_memory_the_disk_serves(tmp_path: Path) -> None:
    """A mongod that runs out of space ends."""
    with memory_directory(otherwise=tmp_path / "disk", memory=tmp_path / "missing") as directory:
        assert directory == tmp_path / "disk"
    with memory_directory(otherwise=tmp_path / "disk", memory=tmp_path, least_free_bytes=2**62) as directory:
        assert directory == tmp_path / "disk"


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """The directory of a run that goes on stays."""
    dead, alive = tmp_path / f"{PREFIX}999999999-a", tmp_path / f"{PREFIX}{os.getpid()}-b"
    for left in (dead, alive):
        left.mkdir()
    with memory_directory(otherwise=tmp_path / "disk", memory=tmp_path, least_free_bytes=1):
        assert (dead.exists(), alive.exists()) == (False, True)
