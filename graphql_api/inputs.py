"""Checks clients' ids, texts and metadata; each failure names the bad argument."""

from collections.abc import Iterable, Mapping

from graphql_api.documents import BadCursorError, ObjectId
from graphql_api.errors import BadUserInputError
from graphql_api.scopes import Scope

LONGEST_ALIAS = 200

MOST_PAIRS = 16
LONGEST_KEY = 64
LONGEST_VALUE = 512
"""Limits of a metadata map, in pairs and characters: https://platform.openai.com/docs/api-reference/metadata."""


def object_id(value: str, *, name: str) -> ObjectId:
    """Return the id; raises ``BadUserInputError`` if it is not 24 hexadecimal digits."""
    if not ObjectId.is_valid(value):
        raise BadUserInputError(f"{name} must be an id of 24 hexadecimal digits.", argument=name)
    return ObjectId(value)


def text(value: object, *, name: str, longest: int) -> str:
    """Return the text; raises ``BadUserInputError`` if it is not a string, blank, too long or has a NUL."""
    if not isinstance(value, str):
        raise BadUserInputError(f"{name} must be a string.", argument=name)
    if not value.strip():
        raise BadUserInputError(f"{name} must not be empty.", argument=name)
    if len(value) > longest:
        raise BadUserInputError(f"{name} must have at most {longest} characters.", argument=name)
    if "\0" in value:  # MongoDB forbids it in a regular expression, and no SQL needs it
        raise BadUserInputError(f"{name} must not have a NUL character.", argument=name)
    return _unicode(value, name=name)


def alias(value: object) -> str:
    """Return a name given by people; raises ``BadUserInputError``."""
    return text(value, name="alias", longest=LONGEST_ALIAS)


def scopes(given: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes; raises ``BadUserInputError`` for none or an unknown one."""
    named, known = set(given), {scope.value for scope in Scope}
    if unknown := sorted(named - known):
        why = f"scopes has {unknown[0][:64]!r}; there are {', '.join(sorted(known))}."
        raise BadUserInputError(why, argument="scopes")
    if not named:
        raise BadUserInputError("scopes must name at least one scope.", argument="scopes")
    return frozenset(map(Scope, named))


def metadata(value: object, *, name: str = "metadata") -> dict[str, str] | None:
    """Return the metadata; raises ``BadUserInputError`` with the name of the bad key."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise BadUserInputError(f"{name} must be a map of strings to strings.", argument=name)
    if len(value) > MOST_PAIRS:
        raise BadUserInputError(f"{name} must have at most {MOST_PAIRS} pairs.", argument=name)
    return {_key(key, name=name): _value(key, item, name=name) for key, item in value.items()}


def bad_cursor(problem: BadCursorError, *, name: str = "after") -> BadUserInputError:
    """Return the error for a cursor of another list."""
    return BadUserInputError(f"{name} is {problem}.", argument=name)


def _key(key: object, *, name: str) -> str:
    if not isinstance(key, str):
        raise BadUserInputError(f"{name} must be a map of strings to strings.", argument=name)
    if not key or len(key) > LONGEST_KEY or "\0" in key:
        raise BadUserInputError(
            f"{name}: the key {_unicode(key, name=name)[: LONGEST_KEY + 1]!r} must have 1 to {LONGEST_KEY} "
            "characters and no NUL.",
            argument=name,
        )
    return _unicode(key, name=name)


def _value(key: str, value: object, *, name: str) -> str:
    if not isinstance(value, str):
        raise BadUserInputError(f"{name}: the value of {key!r} must be a string.", argument=name)
    if len(value) > LONGEST_VALUE:
        raise BadUserInputError(
            f"{name}: the value of {key!r} must have at most {LONGEST_VALUE} characters.", argument=name
        )
    return _unicode(value, name=name)


def _unicode(value: str, *, name: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadUserInputError(
            f"{name} must be valid Unicode, without lone surrogates.", argument=name
        ) from None
    return value
