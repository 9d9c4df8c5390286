"""The command line: commands, options, exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphql_api import __version__
from graphql_api.cli import main
from graphql_api.composition.settings import Settings
from processes.environment import environment


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out all settings of the machine."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MONGODB_TIMEOUT_S", "0.3")


@pytest.fixture
def on_mongodb(monkeypatch: pytest.MonkeyPatch, mongodb_uri: str) -> None:
    """Name a MongoDB that answers."""
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MONGODB_TIMEOUT_S", "10")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("MONGODB_DATABASE", "cli")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_version() -> None:
    """``--version`` tells the package's version."""
    assert _run("--version").output == f"main, version {__version__}\n"


def test_schema_is_the_file() -> None:
    """``schema`` prints the text of schema.graphql."""
    result = _run("schema")
    assert result.exit_code == 0
    assert result.output == (Path(__file__).parents[1] / "schema.graphql").read_text()


@pytest.mark.parametrize("command", ["serve", "worker", "demo", "sandbox", "check"])
def test_bad_setting_stops_every_command(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Each command that has settings refuses a bad one, by its name and without its value."""
    monkeypatch.setenv("PORT", "secret")
    result = _run(command)
    assert result.exit_code == 1
    assert result.output == (
        "Error: PORT: Input should be a valid integer, unable to parse string as an integer\n"
    )


def test_serve_takes_an_address_and_names_misspelt_variables() -> None:
    """The address wins over HOST and PORT; the warning comes before anything else."""
    command = [sys.executable, "-m", "graphql_api", "serve", "--host", "192.0.2.1", "--port", "1"]
    given = environment({"port": "secret", "log_format": "json"}) | {"OPENAI_APIKEY": "secret"}
    result = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    warning, error = result.stderr.splitlines()
    assert json.loads(warning)["event"] == "OPENAI_APIKEY: did you mean OPENAI_API_KEY?"
    assert error.startswith("Error: HOST: 192.0.2.1 can be reached from other machines")
    assert "secret" not in result.stderr


def test_a_named_file_of_settings_is_read(tmp_path: Path) -> None:
    """One that is not there stops the command."""
    file = tmp_path / "settings.env"
    result = _run("--env-file", str(file), "check")
    assert (result.exit_code, result.output) == (1, f"Error: cannot read {file}: there is no such file\n")
    file.write_text("PORT=secret\n")
    assert _run("--env-file", str(file), "check").output.startswith("Error: PORT: ")


def test_check_without_a_key(on_mongodb: None) -> None:
    """``check`` without a key says so, with exit code 1, and looks at MongoDB all the same."""
    result = _run("check")
    assert result.exit_code == 1
    settings, mongodb, address, provider = result.output.splitlines()
    assert settings == "settings: ok (each by itself and all together)"
    assert mongodb.startswith("mongodb: ok (")
    assert mongodb.endswith(", database cli)")
    assert address == "address: ok (127.0.0.1, any free port)"
    assert provider == (
        "provider: OPENAI_API_KEY is not set; set it, or start with --sandbox to try things out"
    )


def test_check_of_a_list_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, on_mongodb: None, tmp_path: Path
) -> None:
    """``check`` reads the list as the server would at its start."""
    monkeypatch.setenv("TRUSTED_DOCUMENTS", str(tmp_path / "none.json"))
    result = _run("check")
    assert result.exit_code == 1
    first, second, _, _ = result.output.splitlines()
    assert first.startswith("settings: TRUSTED_DOCUMENTS: ")
    assert second.startswith("mongodb: ok (")


def test_check_with_a_bad_address(monkeypatch: pytest.MonkeyPatch, on_mongodb: None) -> None:
    """``check`` names the provider's settings if no request could be made with them."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://operator:secret@127.0.0.1/v1")
    result = _run("check")
    assert result.exit_code == 1
    assert result.output.splitlines()[3] == (
        "provider: OPENAI_API_KEY or OPENAI_BASE_URL: "
        "The provider's base URL is not a plain http:// or https:// address"
    )
