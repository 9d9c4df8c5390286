"""The command for credentials."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from graphql_api.cli import main
from graphql_api.composition.settings import Settings


def test_the_number_of_credentials_is_printed(
    monkeypatch: pytest.MonkeyPatch, mongodb_uri: str, tmp_path: Path
) -> None:
    """Without keys the command says which setting is missing."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MONGODB_DATABASE", tmp_path.name[:40])
    refused = CliRunner().invoke(main, ["credentials", "rotate"])
    assert (refused.exit_code, "CREDENTIAL_KEYS: " in refused.stderr) == (1, True)
    monkeypatch.setenv("CREDENTIAL_KEYS", "c" * 43 + "=")
    rotated = CliRunner().invoke(main, ["credentials", "rotate"])
    assert (rotated.exit_code, rotated.stdout) == (0, "0 encrypted with the first key\n")
