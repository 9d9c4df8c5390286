"""The places that settings come from."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graphql_api.composition.settings import Settings, complaints


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out all settings of the machine, and work in a directory of the test's own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def read(text: str, **given: object) -> Settings:
    """Return the settings with a file of this text."""
    Path("settings.env").write_text(text)
    return Settings(_env_file="settings.env", **given)  # type: ignore[arg-type]  # a test may give anything


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable of it is absent; what is given by the program wins over both."""
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("HOST", "")
    found = read("PORT=2\nHOST='::1'\nLOG_LEVEL=debug\nOTHER=x\nALLOWED_MODELS=gpt-*\n")
    assert (found.port, found.host, found.log_level, found.allowed_models) == (1, "::1", "debug", ("gpt-*",))
    assert read("PORT=2\n", port=3).port == 3


def test_a_file_named_by_the_environment_wins_over_a_value_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the file's own ``X_FILE`` is not even looked at then."""
    Path("key").write_text("from-a-file\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", "key")
    for text in ("OPENAI_API_KEY=written\n", "OPENAI_API_KEY_FILE=missing\n"):
        key = read(text).openai_api_key
        assert key is not None
        assert key.get_secret_value() == "from-a-file"


def test_a_file_may_name_files() -> None:
    """But not the same setting twice."""
    Path("key").write_text("from-a-file\n")
    key = read("OPENAI_API_KEY_FILE=key\n").openai_api_key
    assert key is not None
    assert key.get_secret_value() == "from-a-file"
    with pytest.raises(ValidationError) as invalid:
        read("OPENAI_API_KEY_FILE=key\nOPENAI_API_KEY=written\n")
    assert complaints(invalid.value) == (
        "OPENAI_API_KEY_FILE: is set, and so is OPENAI_API_KEY: set one of the two"
    )


def test_a_bad_value_in_the_file_is_named_without_it() -> None:
    """As one of the environment is."""
    with pytest.raises(ValidationError) as invalid:
        read("PORT=secret\n")
    assert complaints(invalid.value).startswith("PORT: Input should be a valid integer")


def test_a_stray_file_is_not_read() -> None:
    """Only the command line names one: a test or a library gets the environment alone."""
    Path(".env").write_text("PORT=2\n")
    assert Settings().port == 8000
