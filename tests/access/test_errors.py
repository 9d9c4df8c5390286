"""The refusals of callers: their words, their codes and their details."""

from collections.abc import Sequence

import pytest

from graphql_api.access import errors


@pytest.mark.parametrize(
    ("scopes", "named", "required"),
    [
        ([["b"]], "b", [["b"]]),
        ([["b", "a"]], "a and b", [["a", "b"]]),
        ([["c"], ["b", "a"]], "a and b or c", [["a", "b"], ["c"]]),
    ],
)
def test_a_refusal_names_each_set_of_scopes_in_order(
    scopes: Sequence[Sequence[str]], named: str, required: list[list[str]]
) -> None:
    """The sentence and the details have the same sets, whatever order they came in."""
    error = errors.ForbiddenError("Query.things", scopes=scopes)
    assert error.message == f"Query.things requires the scope {named}."
    assert error.extensions == {"field": "Query.things", "requiredScopes": required, "code": "FORBIDDEN"}


def test_a_missing_key_is_named() -> None:
    """By its id, in the sentence and in the details."""
    error = errors.ApiKeyNotFoundError(7)
    assert error.message == "There is no API key 7."
    assert error.extensions == {"apiKeyId": "7", "code": "API_KEY_NOT_FOUND"}


def test_a_code_is_of_one_kind() -> None:
    """Clients tell these refusals apart by their codes alone."""
    assert errors.UnauthenticatedError.code == "UNAUTHENTICATED"
    assert errors.IssuerUnavailableError().extensions == {"code": "ISSUER_UNAVAILABLE"}
    assert errors.ApiKeysOffError().extensions == {"code": "API_KEYS_OFF"}
