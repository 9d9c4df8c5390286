"""The fault of an error: the client's or ours.

It is the client's for its own input, and ours for our data.
"""

import pytest
from structlog.testing import capture_logs

from tests.schema.conftest import Client


async def test_a_value_of_ours_that_cannot_be_shown_is_our_fault(client: Client) -> None:
    """Its text is logged, and not told."""
    finetuning = await client.world.create()
    await finetuning.set({"trained_tokens": 2**40})
    query = "query($id: ID!) { finetuning(id: $id) { id trainedTokens } }"
    with capture_logs() as logs:
        data, errors = await client.ask(query, id=str(finetuning.id))
    assert data == {"finetuning": {"id": str(finetuning.id), "trainedTokens": None}}
    message = "Something went wrong on the server. It has been logged."
    assert errors == [{"code": "INTERNAL_SERVER_ERROR", "requestId": "test", "message": message}]
    (line,) = logs
    assert (line["event"], line["path"]) == ("unexpected error", ["finetuning", "trainedTokens"])
    assert str(2**40) in str(line["exc_info"])


@pytest.mark.parametrize("first", [2**40, "x", 1.5, [1, 2]])
async def test_a_variable_of_another_type_is_the_clients_fault(client: Client, first: object) -> None:
    """The error names it."""
    refusal = await client.refusal("query($n: Int) { finetunings(first: $n) { nodes { id } } }", n=first)
    assert refusal["code"] == "BAD_USER_INPUT"
    assert "$n" in refusal["message"]
