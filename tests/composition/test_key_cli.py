"""The commands for keys: what they print, and what they refuse."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphql_api.access.key_format import Key
from graphql_api.cli import main
from graphql_api.composition.settings import Settings


@pytest.fixture(autouse=True)
def _on_mongodb(monkeypatch: pytest.MonkeyPatch, mongodb_uri: str, tmp_path: Path) -> None:
    """Name a MongoDB that answers, and a pepper."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MONGODB_DATABASE", tmp_path.name[:40])
    monkeypatch.setenv("KEY_PEPPER", "p" * 32)


def keys(*arguments: str) -> Result:
    """Run ``graphql-api keys`` with these arguments."""
    return CliRunner().invoke(main, ["keys", *arguments])


def test_a_key_is_made_listed_and_revoked() -> None:
    """The key is alone on stdout, and shown nowhere else."""
    made = keys(
        "create", "--tenant", "acme", "--name", "ci", "--scope", "finetunings:cancel", "--expires", "90d"
    )
    assert made.exit_code == 0
    key = Key.parse(made.stdout.removesuffix("\n"))
    listed = keys("list").stdout
    assert listed.startswith(f"{key.id}  acme  ci  ends ")
    assert listed.endswith("  finetunings:cancel\n")
    assert key.text[29:] not in listed
    assert keys("list", "--tenant", "other").stdout == ""
    assert keys("revoke", key.id).stdout == f"{key.id} is revoked\n"
    assert "  revoked " in keys("list").stdout


def test_an_admin_key_has_every_scope() -> None:
    """The first key of a deployment."""
    assert keys("create", "--name", "boss", "--admin").exit_code == 0
    assert " admin finetunings:cancel " in keys("list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "--name", "a"), "Give --scope at least once, or --admin."),
        (("create", "--name", "a", "--scope", "fly"), "'fly' is not one of"),
        (("create", "--name", "a", "--admin", "--expires", "soon"), "'soon' is not a number of minutes"),
        (("create", "--name", "a", "--admin", "--expires", "0d"), "'0d' is not a number of minutes"),
        (("create", "--admin"), "Missing option '--name'"),
        (("revoke", "nothing"), "there is no key nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    """Nothing is stored."""
    refused = keys(*arguments)
    assert refused.exit_code != 0
    assert words in refused.stderr
    assert keys("list").stdout == ""
