"""Settings from files, as mounted secrets give them.

Each setting has a second variable, ``X_FILE``, with the path of a file.
"""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graphql_api.composition.settings import Settings, complaints

SECRET = "canary-6f1d2c7a"
BYTES = 65_536
WRONG_CONTENTS = {
    b"": "names an empty file",
    b"\n": "names an empty file",
    b" \r\n": "names an empty file",
    b"\xef\xbb\xbf\n": "names an empty file",
    SECRET.encode() + b"\xff": "names a file that is not UTF-8",
    SECRET.encode("utf-16"): "names a file that is not UTF-8",
    f"{SECRET}\nsecond\n".encode(): "names a file with more than one line, or with control characters",
    f"{SECRET}\0".encode(): "names a file with more than one line, or with control characters",
    b"x" * BYTES + b"\xc3\xa4": f"names a file of more than {BYTES} bytes",
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep out all settings of the machine."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a file for a setting."""
    return tmp_path / "setting"


def _complaint() -> str:
    """Return the line about the environment's faults."""
    with pytest.raises(ValidationError) as invalid:
        Settings()
    return complaints(invalid.value)


def test_no_setting_is_named_as_another_settings_file() -> None:
    """So the variable ``X_FILE`` means one thing."""
    assert not [name for name in Settings.model_fields if name.removesuffix("_file") != name]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch, file: Path, name: str) -> None:
    """An unreadable file of any setting is told by the variable that names it."""
    monkeypatch.setenv(f"{name.upper()}_FILE", str(file))
    assert _complaint() == f"{name.upper()}_FILE: names no readable file: No such file or directory"


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("start", ["", "\N{BYTE ORDER MARK}"])
def test_the_line_is_the_value(monkeypatch: pytest.MonkeyPatch, file: Path, start: str, end: str) -> None:
    """An editor's end of line and mark of Unicode do not count, and nothing else changes."""
    file.write_bytes(f"{start} {SECRET} ä{end}".encode())
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(file))
    key = Settings().openai_api_key
    assert key is not None
    assert key.get_secret_value() == f" {SECRET} ä"


@pytest.mark.parametrize(
    ("name", "text", "parsed"),
    [
        ("PORT", "8123", 8123),
        ("ALLOWED_HOSTS", "a.example, 10.0.0.0/8", ("a.example", "10.0.0.0/8")),
        ("AUTH", "keys,oidc", ("keys", "oidc")),
        ("WORKER", "OFF", "off"),
        ("DATA_DIR", "/srv/data", Path("/srv/data")),
    ],
)
def test_a_value_of_any_kind_is_parsed_as_the_variables_own(
    monkeypatch: pytest.MonkeyPatch, file: Path, name: str, text: str, parsed: object
) -> None:
    """Numbers, lists, words and paths are read from the line."""
    file.write_text(f"{text}\n")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert getattr(Settings(), name.lower()) == parsed


def test_a_bad_value_is_named_by_its_setting(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """The value itself is not shown."""
    file.write_text("mongodb://u:canary@ss@host")
    monkeypatch.setenv("MONGODB_URI_FILE", str(file))
    complaint = _complaint()
    assert complaint.startswith("MONGODB_URI: has more than one @; ")
    assert "canary" not in complaint


@pytest.mark.parametrize(("content", "reason"), WRONG_CONTENTS.items())
def test_a_wrong_content_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, file: Path, content: bytes, reason: str
) -> None:
    """The line names the variable, and shows no part of the file."""
    file.write_bytes(content)
    monkeypatch.setenv("KEY_PEPPER_FILE", str(file))
    assert _complaint() == f"KEY_PEPPER_FILE: {reason}"


def test_a_wrong_path_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret itself may stand where its file belongs."""
    monkeypatch.setenv("OPENAI_API_KEY_FILE", SECRET)
    monkeypatch.setenv("MONGODB_URI_FILE", str(tmp_path))
    monkeypatch.setenv("KEY_PEPPER_FILE", SECRET * 1000)
    assert _complaint() == (
        "OPENAI_API_KEY_FILE: names no readable file: No such file or directory; "
        "MONGODB_URI_FILE: names no readable file: Is a directory; "
        "KEY_PEPPER_FILE: names no readable file: File name too long"
    )


def test_an_endless_device_does_not_hang_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read has a bound."""
    monkeypatch.setenv("KEY_PEPPER_FILE", "/dev/zero")
    assert _complaint() == f"KEY_PEPPER_FILE: names a file of more than {BYTES} bytes"


@pytest.mark.parametrize("spelled", ["OPENAI_API_KEY_FILE", "openai_api_key_file"])
def test_both_variables_at_once_are_refused(
    monkeypatch: pytest.MonkeyPatch, file: Path, spelled: str
) -> None:
    """Neither one wins, even if they say the same."""
    file.write_text(SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv(spelled, str(file))
    assert _complaint() == "OPENAI_API_KEY_FILE: is set, and so is OPENAI_API_KEY: set one of the two"


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Beside its file's variable, and the file's variable beside it."""
    file.write_text(f"{SECRET}\n")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(file))
    monkeypatch.setenv("MONGODB_DATABASE", "mine")
    monkeypatch.setenv("MONGODB_DATABASE_FILE", "")
    settings = Settings()
    assert settings.openai_api_key is not None
    assert (settings.openai_api_key.get_secret_value(), settings.mongodb_database) == (SECRET, "mine")
