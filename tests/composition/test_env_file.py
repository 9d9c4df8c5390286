"""The file ``.env``."""

from pathlib import Path

import pytest

from graphql_api.composition.env_file import EnvFileError, misspelt, settings_with
from graphql_api.composition.settings import Settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out all settings of the machine, and work in a directory of the test's own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_default_need_not_be_there() -> None:
    """A named one must."""
    assert settings_with(None).port == 8000
    Path(".env").write_text("PORT=2\n")
    assert settings_with(None).port == 2
    assert settings_with(None, port=3).port == 3
    assert settings_with(Path("/dev/null")).port == 8000
    with pytest.raises(EnvFileError, match=r"cannot read other\.env: there is no such file"):
        settings_with(Path("other.env"))


def test_a_file_in_another_encoding_is_told_without_its_contents() -> None:
    """In one line."""
    Path(".env").write_bytes("OPENAI_API_KEY=ké".encode("latin-1"))
    with pytest.raises(EnvFileError) as refused:
        settings_with(None)
    assert str(refused.value) == ".env is not UTF-8"


def test_misspelt_names_are_told_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment and in the file; a value is never told."""
    monkeypatch.setenv("MONGODB_URL", "secret")
    Path(".env").write_text("OPENAI_APIKEY=secret\nOTHER=1\n")
    assert misspelt(None) == [
        "MONGODB_URL: did you mean MONGODB_URI?",
        "OPENAI_APIKEY: did you mean OPENAI_API_KEY?",
    ]
