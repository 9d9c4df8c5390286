"""A data directory is its owner's alone."""

import os
import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from graphql_api.embedded_mongod.data_directory import make_private
from graphql_api.embedded_mongod.mongod import EmbeddedMongod


def _modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [directory, *directory.iterdir()]}


@pytest.fixture(autouse=True)
def _usual_umask() -> object:
    """Let new files be readable for all, as most systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


async def test_whatever_a_mongod_needs_is_private(tmp_path: Path) -> None:
    """The directory, the logs, the lock, and whatever the database is made of."""
    data = tmp_path / "data"
    async with EmbeddedMongod(data):
        pass
    async with EmbeddedMongod(data):
        modes = _modes(data)
        files = _modes(data / "mongodb")
    assert modes == {
        "data": 0o700,
        "mongodb": 0o700,
        "socket": 0o700,
        "mongodb.lock": 0o600,
        "mongod.log": 0o600,
        "mongod.previous.log": 0o600,
    }
    assert len(files) > 10
    assert [name for name, mode in files.items() if mode & 0o077] == []


def test_an_older_directory_is_closed(tmp_path: Path) -> None:
    """With its files, which may be open, too; nothing is said, for nothing is left to do."""
    data = tmp_path / "data"
    (data / "mongodb").mkdir(parents=True)
    (data / "mongod.log").touch()
    (data / "sandbox.json").touch()
    assert _modes(data)["data"] == 0o755
    with capture_logs() as logged:
        make_private(data)
    assert _modes(data) == {"data": 0o700, "mongodb": 0o755, "mongod.log": 0o600, "sandbox.json": 0o600}
    assert logged == []


def test_a_directory_with_other_things_is_warned_about(tmp_path: Path) -> None:
    """It may be a home that others need; only our own files there are closed."""
    data = tmp_path / "home"
    data.mkdir()
    (data / "notes").touch()
    (data / "sandbox.json").touch()
    with capture_logs() as logged:
        make_private(data)
    assert _modes(data) == {"home": 0o755, "notes": 0o644, "sandbox.json": 0o600}
    assert logged == [
        {
            "event": "other users can enter the data directory",
            "directory": str(data),
            "mode": "755",
            "log_level": "warning",
        }
    ]
