"""The sandbox's parts, and its state file."""

from pathlib import Path

import pytest

from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.openai import Sandbox
from graphql_api.sandbox.openai.state import StateFile

UPLOAD = Upload(filename="train.jsonl", purpose="fine-tune", content=b"{}\n")


def test_a_sandbox_begins_with_what_was_saved(tmp_path: Path) -> None:
    """Before the first save there is no file; after it, another sandbox has the same account."""
    path = tmp_path / "state.json"
    first = Sandbox(state_file=path)
    assert first.account.files() == []
    assert not path.exists()
    file = first.account.add_file(UPLOAD)
    first.save()
    assert StateFile(path).load() == first.account.holdings
    assert Sandbox(state_file=path).account.files() == [file]


def test_a_sandbox_without_a_state_file_keeps_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving writes nothing, and another sandbox has an account of its own."""
    monkeypatch.chdir(tmp_path)
    sandbox = Sandbox()
    sandbox.account.add_file(UPLOAD)
    sandbox.save()
    assert list(tmp_path.iterdir()) == []
    assert Sandbox().account.files() == []


def test_the_key_is_not_shown() -> None:
    """The text of a sandbox leaves it out."""
    assert "sk-secret" not in repr(Sandbox(api_key="sk-secret"))
