"""The filters of finetunings."""

from typing import Any

import pytest

from graphql_api.documents import FinetuningStatus
from tests.schema.conftest import Client, minutes, store_finetunings

PAGE = """
query Page($filter: FinetuningFilter, $first: Int, $after: String) {
  finetunings(filter: $filter, first: $first, after: $after) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def ids_of(client: Client, **filter_: Any) -> list[str]:
    """Return the ids of the first page that meets the conditions."""
    data = await client.data(PAGE, filter=filter_, first=100)
    return [node["id"] for node in data["finetunings"]["nodes"]]


OID = "65f0c0ffee65f0c0ffee65f0"


async def test_filters_hold_together(client: Client) -> None:
    """By status, by connection, by time: from is inclusive, before is not; no condition means all."""
    connection = await client.world.connection(golden_records=0)
    running = FinetuningStatus.RUNNING
    ours = await store_finetunings(minutes(4), db_connection_id=connection.id, status=running)
    others = await store_finetunings(minutes(2), status=FinetuningStatus.FAILED)
    assert await ids_of(client, status=["RUNNING"]) == ours[::-1]
    assert set(await ids_of(client, status=["RUNNING", "FAILED"])) == {*ours, *others}
    assert await ids_of(client, status=[]) == []
    assert await ids_of(client, dbConnectionId=str(connection.id)) == ours[::-1]
    assert await ids_of(client, dbConnectionId=OID) == []
    times = {"createdFrom": "2026-01-01T00:01:00Z", "createdBefore": "2026-01-01T01:03:00+01:00"}
    assert await ids_of(client, dbConnectionId=str(connection.id), **times) == ours[2:0:-1]
    assert await ids_of(client, status=["FAILED"], **times) == others[1:]
    nulls = dict.fromkeys(["status", "dbConnectionId", "createdFrom", "createdBefore"])
    assert set(await ids_of(client, **nulls)) == {*ours, *others}


async def test_one_is_found_by_its_alias_or_by_the_start_of_its_id(client: Client) -> None:
    """Of this tenant's alone; the condition joins the others."""
    others = await store_finetunings(minutes(1), tenant="others")
    ours = await store_finetunings(minutes(2), status=FinetuningStatus.RUNNING)
    assert await ids_of(client, named="stored") == ours[::-1]
    assert await ids_of(client, named=ours[0].upper()) == [ours[0]]
    assert await ids_of(client, named=others[0]) == []
    assert set(await ids_of(client, named=ours[0][:8])) >= {ours[0]}
    assert await ids_of(client, named=ours[0], status=["FAILED"]) == []
    assert await ids_of(client, named="store") == []


NO_OFFSET = "{} must have an offset, such as 2026-01-31T12:00:00Z."


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
        ({"named": ""}, "named must not be empty."),
        ({"dbConnectionId": "x"}, "dbConnectionId must be an id of 24 hexadecimal digits."),
        ({"createdFrom": "2026-01-01T00:00:00"}, NO_OFFSET.format("createdFrom")),
        ({"createdBefore": "2026-01-01T00:00:00"}, NO_OFFSET.format("createdBefore")),
    ],
)
async def test_a_bad_condition_is_bad_input(client: Client, filter_: dict[str, str], message: str) -> None:
    """The message names it, with a right value."""
    error = await client.refusal(PAGE, filter=filter_)
    assert (error["code"], error["message"]) == ("BAD_USER_INPUT", message)
    assert error["argument"] == next(iter(filter_))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_at_the_end_of_the_calendar_is_bad_input(client: Client, moment: str) -> None:
    """In UTC it lies outside of the years that there are."""
    error = await client.refusal(PAGE, filter={"createdFrom": moment})
    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", "createdFrom")
