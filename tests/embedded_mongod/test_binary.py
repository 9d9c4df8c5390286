"""Holds the search for a mongod to its order."""

import sys
from pathlib import Path

import pytest

from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.embedded_mongod.errors import MongodNotFoundError


def _executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o700)
    return path


def test_the_given_binary_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A given binary is taken even when PATH has a mongod."""
    _executable(tmp_path / "path" / "mongod")
    given = _executable(tmp_path / "given")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert find_mongod(given) == given


def test_path_goes_before_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mongod on PATH is taken before the package's own; without one on PATH the package's is taken."""
    packaged = _executable(tmp_path / "packages" / "fiftyone" / "db" / "bin" / "mongod")
    on_path = _executable(tmp_path / "path" / "mongod")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages")])
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_mongod() == on_path
    monkeypatch.setenv("PATH", "")
    assert find_mongod() == packaged
    assert "fiftyone" not in sys.modules


def test_no_mongod_anywhere_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any, the error is one line that names every way to get one."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MongodNotFoundError) as missing:
        find_mongod()
    message = str(missing.value)
    assert message.startswith("no mongod was found: ")
    assert [
        word for word in ["[embedded]", "PATH", "MONGOD_BINARY", "MONGODB_URI"] if word not in message
    ] == []
    assert "\n" not in message
