"""The place of the mongod's socket: closed to others, short enough, and found again."""

import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pymongo import AsyncMongoClient

from graphql_api.embedded_mongod.errors import EmbeddedMongodError
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.embedded_mongod.unix_socket import SHORTEST, running_uri, socket_directory, uri_of

NOBODY = 65534
LISTENING = {"0A", "01"}
"""The kernel's words for it: of TCP, and of a Unix socket."""


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Return a data directory whose path is too long for a socket in it."""
    directory = tmp_path / ("x" * 60) / ("y" * 60)
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have temporary directories made in an empty one, whose own path is short."""
    with TemporaryDirectory() as name:
        monkeypatch.setattr("tempfile.tempdir", name)
        yield Path(name)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Yield a directory that everybody may enter, and that stays so for what else is in it."""
    with TemporaryDirectory() as name:
        Path(name, "of-others").touch()
        Path(name).chmod(0o755)
        yield Path(name)


def _listens_on(pid: int) -> set[str]:
    """Return the TCP addresses and the paths on which the process listens."""
    opened = set[str]()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it is closed meanwhile
            opened.add(str(file.readlink()))
    found = set[str]()
    for table, state, inode, address in [("tcp", 3, 9, 1), ("tcp6", 3, 9, 1), ("unix", 5, 6, 7)]:
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = [*line.split(), ""]
            if f"socket:[{columns[inode]}]" in opened and columns[state] in LISTENING:
                found.add(columns[address])
    return found


@contextmanager
def _another_user() -> Iterator[None]:
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


async def _answers(uri: str) -> bool:
    async with AsyncMongoClient[dict[str, object]](uri, timeoutMS=10_000) as client:
        return bool((await client.admin.command("hello"))["isWritablePrimary"])


async def test_it_listens_on_its_socket_only(tmp_path: Path) -> None:
    """There is no port, and no second socket."""
    async with EmbeddedMongod(tmp_path) as mongod:
        listens_on = _listens_on(mongod.pid)
    assert listens_on == {"./mongod.sock"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
async def test_another_user_does_not_reach_it(open_directory: Path) -> None:
    """Not even where the data directory and all above it are open."""
    async with EmbeddedMongod(open_directory):
        path = open_directory / "socket" / "mongod.sock"
        assert (_mode(open_directory), _mode(path.parent), _mode(path)) == (0o755, 0o700, 0o600)
        with _another_user(), socket.socket(socket.AF_UNIX) as probe, pytest.raises(PermissionError):
            probe.connect(str(path))


@pytest.mark.parametrize("name", ["a, b", "a:b", "100%+ä", "x" * 70])
async def test_the_name_of_the_data_directory_does_not_matter(tmp_path: Path, name: str) -> None:
    """Whatever characters it has, and as long as it may be."""
    async with EmbeddedMongod(tmp_path / name) as mongod:
        assert await _answers(mongod.uri)
        assert running_uri(tmp_path / name) == mongod.uri


async def test_a_running_mongod_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its data directory alone, also by a relative path; before and after its time there is none."""
    monkeypatch.chdir(tmp_path)
    assert running_uri(Path("data")) is None
    async with EmbeddedMongod(tmp_path / "data") as mongod:
        assert running_uri(Path("data")) == mongod.uri
        assert await _answers(mongod.uri)
        os.kill(mongod.pid, signal.SIGKILL)
        await mongod.ended()
        assert running_uri(tmp_path / "data") is None
        await mongod.restart()
        assert running_uri(tmp_path / "data") == mongod.uri
    assert running_uri(tmp_path / "data") is None


async def test_under_a_long_path_it_is_elsewhere(long: Path, temporary: Path) -> None:
    """In a private temporary directory, found by a file in the data directory; both go with the server."""
    async with EmbeddedMongod(long) as mongod:
        (directory,) = _entries(temporary)
        assert mongod.uri == uri_of(directory) == running_uri(long)
        assert await _answers(mongod.uri)
        assert (_mode(directory), _mode(long / "mongod.socket")) == (0o700, 0o600)
    assert _entries(temporary) == []
    assert not (long / "mongod.socket").exists()
    assert running_uri(long) is None


def test_what_a_killed_server_left_is_removed(long: Path, temporary: Path) -> None:
    """The next server on the same data takes a new directory and leaves one only."""
    killed = socket_directory(long)
    killed.__enter__()  # and never left
    (left,) = temporary.iterdir()
    with socket_directory(long) as directory:
        assert _entries(temporary) == [directory]
    assert left != directory


def test_a_copy_of_the_data_is_not_taken_for_the_data(long: Path, temporary: Path) -> None:
    """A copy names the same directory; it neither finds the other's mongod there nor removes its socket."""
    with socket_directory(long) as directory, socket.socket(socket.AF_UNIX) as other:
        other.bind(str(directory / "mongod.sock"))
        other.listen()
        copy = long.with_name("z" * 60)
        shutil.copytree(long, copy)
        assert running_uri(long) == uri_of(directory)
        assert running_uri(copy) is None
        with socket_directory(copy) as second:
            assert {directory, second} == set(temporary.iterdir())
        assert running_uri(long) == uri_of(directory)


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_directory_that_others_may_enter_is_not_believed(long: Path, temporary: Path, mode: int) -> None:
    """Somebody else may have put a socket there."""
    with socket_directory(long) as directory, socket.socket(socket.AF_UNIX) as other:
        other.bind(str(directory / "mongod.sock"))
        other.listen()
        directory.chmod(mode)
        assert running_uri(long) is None
    assert _entries(temporary) == []


@pytest.mark.parametrize("content", ["", "[]", '{"directory": 3}', "\x00"])
def test_a_file_that_names_no_directory_names_none(long: Path, temporary: Path, content: str) -> None:
    """It is replaced at the next start."""
    (long / "mongod.socket").write_text(content)
    assert running_uri(long) is None
    with socket_directory(long) as directory:
        assert [directory] == _entries(temporary)


def test_no_place_at_all_is_said(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that helps."""
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(EmbeddedMongodError, match=r"can hold a Unix socket: set TMPDIR$"):
        socket_directory(long, last_resort=str(long)).__enter__()
    assert [path.name for path in long.iterdir()] == ["socket"]


def test_a_long_tmpdir_is_passed_over(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket goes where paths are shortest, for its user alone, and is gone with the server."""
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with socket_directory(long) as directory:
        assert (str(directory.parent), directory.stat().st_mode & 0o777) == (SHORTEST, 0o700)
        assert running_uri(long) is None
    assert not directory.exists()
    assert [path.name for path in long.iterdir()] == ["socket"]
