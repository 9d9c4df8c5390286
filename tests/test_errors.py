"""The failures shown to clients.

The tests hold their words, their codes and their details.
"""

from collections.abc import Iterator

import pytest

from graphql_api import errors
from graphql_api.errors import (
    ExpectedError,
    first_line,
)

IDS = [f"id{number}" for number in range(11)]


def kinds(kind: type[ExpectedError] = ExpectedError) -> Iterator[type[ExpectedError]]:
    """Yield every kind of expected error."""
    for one in kind.__subclasses__():
        yield one
        yield from kinds(one)


def test_the_code_stands_beside_the_details() -> None:
    """No detail takes the place of the code."""
    error = errors.InsufficientGoldenRecordsError(found=9, required=10)
    assert str(error) == error.message == "At least 10 golden records are needed, 9 were found."
    assert error.extensions == {"found": 9, "required": 10, "code": "INSUFFICIENT_GOLDEN_RECORDS"}
    assert errors.BadUserInputError("no", code="OTHER").extensions == {"code": "BAD_USER_INPUT"}


def test_a_code_is_of_one_kind() -> None:
    """Only a missing golden record has two kinds, of one and of several."""
    codes = [kind.code for kind in kinds() if kind.__module__ == errors.__name__]
    assert {code for code in codes if codes.count(code) > 1} == {"GOLDEN_RECORD_NOT_FOUND"}
    assert len(codes) == len(set(codes)) + 1


@pytest.mark.parametrize(("count", "named"), [(10, "id8, id9."), (11, "id8, id9, ….")])
def test_ten_ids_are_named(count: int, named: str) -> None:
    """The rest is in the details alone."""
    error = errors.GoldenRecordNotFoundError(IDS[:count])
    assert error.message.startswith("The connection has no golden records id0, id1, ")
    assert error.message.endswith(named)
    assert error.details == {"goldenRecords": IDS[:count]}


def test_what_was_sent_is_repeated_in_part() -> None:
    """A hundred of the ids."""
    many = errors.GoldenRecordNotFoundError([str(number) for number in range(5_000)])
    assert many.details["goldenRecords"] == [str(number) for number in range(100)]


def test_a_status_is_named_as_in_the_schema() -> None:
    """The sentence has the stored word, the details the enum's value."""
    error = errors.FinetuningNotCancellableError("f1", status="succeeded")
    assert error.message == "Finetuning f1 has already succeeded and cannot be cancelled."
    assert error.details == {"finetuningId": "f1", "status": "SUCCEEDED"}


def test_words_from_outside_are_cut() -> None:
    """A provider's name of any length is answered with its beginning."""
    error = errors.ProviderNotSupportedError("x" * 1000, supported=["openai"])
    assert error.message == f"Provider '{'x' * 64}' is not supported; supported: openai."


def test_an_error_is_one_short_line_on_a_terminal() -> None:
    """The first line, and of that 300 characters."""
    assert first_line(ValueError("a\nb")) == "a"
    assert first_line(ValueError("x" * 301)) == "x" * 300
