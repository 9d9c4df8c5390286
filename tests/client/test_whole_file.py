"""A file that is there as a whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from graphql_api.client.whole_file import whole_file


def write(path: Path | str, content: bytes, *, failure: BaseException | None = None) -> None:
    """Write the content, and fail after it."""
    with whole_file(str(path)) as file:
        file.write(content)
        if failure is not None:
            raise failure


def test_it_is_not_there_before_its_end(tmp_path: Path) -> None:
    """Then it is, with the rights of any new file, and nothing lies beside it."""
    path, other = tmp_path / "a.jsonl", tmp_path / "other"
    with whole_file(str(path)) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        file.write(b" and half")
    other.touch()
    assert path.read_bytes() == b"half and half"
    assert path.stat().st_mode == other.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [path, other]


@pytest.mark.parametrize("failure", [OSError(), KeyboardInterrupt()], ids=["error", "interrupt"])
@pytest.mark.parametrize("before", [None, b"before"], ids=["new", "old"])
def test_nothing_is_left_of_a_half_file(tmp_path: Path, failure: BaseException, before: bytes | None) -> None:
    """What was there stays as it was."""
    path = tmp_path / "a.jsonl"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(type(failure)):
        write(path, b"half", failure=failure)
    found = {one: one.read_bytes() for one in tmp_path.iterdir()}
    assert found == ({} if before is None else {path: before})


def test_an_old_file_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    """A link leads to the new content."""
    path, link = tmp_path / "a.jsonl", tmp_path / "link"
    path.write_bytes(b"before")
    path.chmod(0o600)
    link.symlink_to(path)
    write(link, b"after")
    assert link.is_symlink()
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"after", 0o600)


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    """It gets the bytes, once all of them are there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe, b"all")
    assert os.read(reader, 9) == b"all"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_device_stays_a_device() -> None:
    """It is not replaced by a file."""
    write(os.devnull, b"gone")
    assert Path(os.devnull).is_char_device()


def test_stdout_gets_nothing_of_a_half_file(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """And all of a whole one."""
    with pytest.raises(OSError, match="full"):
        write("-", b"half", failure=OSError("full"))
    write("-", b"whole")
    assert capfdbinary.readouterr().out == b"whole"
