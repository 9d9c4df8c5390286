"""Settings from files: ``X_FILE`` names the file with the value of ``X``, as mounted secrets do."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

LARGEST_BYTES = 65_536
"""The most bytes of such a file: a wrong path may lead to a device without an end."""
SUFFIX = "_file"


def from_files(names: Collection[str], given: Mapping[str, str]) -> Callable[[], Mapping[str, str]]:
    """Return the source of those settings that are in files; raises ``ValidationError``.

    ``given`` has the variables by their names in small letters.
    """
    return partial(_read_all, names, given)


def without(names: Collection[str], given: Mapping[str, str]) -> list[str]:
    """Return the settings that are not given, neither themselves nor by a file."""
    return [name for name in names if name not in given and name + SUFFIX not in given]


def _read_all(names: Collection[str], given: Mapping[str, str]) -> dict[str, str]:
    found, wrong = dict[str, str](), list[InitErrorDetails]()
    for name in names:
        try:
            value = _value(name, given)
        except ValueError as reason:
            error = PydanticCustomError("setting_file", "{reason}", {"reason": str(reason)})
            wrong.append({"type": error, "loc": (name + SUFFIX,), "input": None})
        else:
            found.update({name: value} if value else {})
    if wrong:
        raise ValidationError.from_exception_data("Settings", wrong, hide_input=True)
    return found


def _value(name: str, given: Mapping[str, str]) -> str | None:
    """Return the setting's value, if it is in a file; raises ``ValueError``."""
    file = given.get(name + SUFFIX)
    if file is None:
        return None
    if name in given:
        raise ValueError(f"is set, and so is {name.upper()}: set one of the two")
    text = _text(Path(file)).rstrip("\r\n")
    if not text.strip():
        raise ValueError("names an empty file")
    if not text.isprintable():
        raise ValueError("names a file with more than one line, or with control characters")
    return text


def _text(path: Path) -> str:
    """Return the file's text; raises ``ValueError``.

    The reasons do not have the path: a secret itself may be given for it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as unreadable:
        raise ValueError(f"names no readable file: {unreadable.strerror}") from None
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"names a file of more than {LARGEST_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("names a file that is not UTF-8") from None
