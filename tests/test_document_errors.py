"""The refusals of documents and operations."""

import pytest

from graphql_api import document_errors as errors


@pytest.mark.parametrize(
    ("name", "several", "message"),
    [
        (None, False, "The document has no operation."),
        ("A", True, "The document has several operations: name one of them in `operationName`."),
        ("A", False, 'There is no operation named "A" in the document.'),
    ],
)
def test_an_unresolved_operation_says_what_is_missing(name: str | None, several: bool, message: str) -> None:
    """An operation, its name in the request, or its name in the document."""
    assert errors.OperationUnresolvedError(name, several=several).message == message


def test_a_long_name_is_repeated_in_part() -> None:
    """A hundred characters of it."""
    assert "n" * 101 not in errors.OperationUnresolvedError("n" * 50_000).message
    assert "n" * 101 not in errors.DocumentNotInListError("n" * 50_000).message
