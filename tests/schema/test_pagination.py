"""Lists: every entry exactly once.

Changes meanwhile do not matter; bad sizes are refused.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from graphql_api.documents import FinetuningEventKind, FinetuningStatus
from tests.schema.conftest import MIDNIGHT, Client, minutes, store_finetunings

PAGE = """
query Page($filter: FinetuningFilter, $first: Int, $after: String) {
  finetunings(filter: $filter, first: $first, after: $after) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
EVENTS = """
query Events($id: ID!, $first: Int, $after: String) {
  finetuning(id: $id) {
    events(first: $first, after: $after) {
      edges { cursor node { kind status message } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
MANY = 1000


def shared_moments(count: int) -> list[datetime]:
    """Return moments with seven equal ones in a row."""
    return [MIDNIGHT + timedelta(milliseconds=n // 7) for n in range(count)]


async def ids_of(client: Client, **filter_: Any) -> list[str]:
    """Return the ids of the first page that meets the conditions."""
    data = await client.data(PAGE, filter=filter_, first=100)
    return [node["id"] for node in data["finetunings"]["nodes"]]


async def test_a_thousand_are_listed_once_each_while_others_come(client: Client) -> None:
    """Ten pages of a hundred, the newest first, ties by id; a new one meanwhile moves nothing."""
    moments = shared_moments(MANY)
    stored = await store_finetunings(moments)
    newest = sorted(zip(moments, stored, strict=True), reverse=True)
    seen, sizes, after = [], [], None
    for number in range(11):
        _, data = await asyncio.gather(
            store_finetunings(minutes(20, start=MIDNIGHT + timedelta(days=1 + number))),
            client.data(PAGE, first=100, after=after),
        )
        page = data["finetunings"]
        seen += [node["id"] for node in page["nodes"]]
        sizes.append(len(page["nodes"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in set(stored)] == [one for _, one in newest]
    assert sizes[:-1] == [100] * (len(sizes) - 1)


async def test_a_page_tells_where_it_lies(client: Client) -> None:
    """Its first and last cursors, and whether anything is before or after it."""
    stored = await store_finetunings(minutes(5))
    first = (await client.data(PAGE, first=2))["finetunings"]
    assert [node["id"] for node in first["nodes"]] == [stored[4], stored[3]]
    assert [edge["node"] for edge in first["edges"]] == first["nodes"]
    start, end = (edge["cursor"] for edge in first["edges"])
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": start,
        "endCursor": end,
    }
    last = (await client.data(PAGE, first=3, after=end))["finetunings"]
    assert [node["id"] for node in last["nodes"]] == stored[2::-1]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    beyond = (await client.data(PAGE, after=last["pageInfo"]["endCursor"]))["finetunings"]
    assert (beyond["nodes"], beyond["pageInfo"]["endCursor"]) == ([], None)


async def test_a_page_has_twenty_entries_unless_asked(client: Client) -> None:
    """Absent and null are the same; a hundred is the most."""
    await store_finetunings(minutes(101))
    assert len((await client.data(PAGE))["finetunings"]["nodes"]) == 20
    nulls = await client.data(PAGE, filter=None, first=None, after=None)
    assert len(nulls["finetunings"]["nodes"]) == 20
    assert len((await client.data(PAGE, first=100))["finetunings"]["nodes"]) == 100
    assert len((await client.data(PAGE, first=1))["finetunings"]["nodes"]) == 1


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
@pytest.mark.parametrize("noun", ["finetunings", "goldenRecords", "dbConnections"])
async def test_a_page_size_out_of_range_is_bad_input(client: Client, noun: str, first: int) -> None:
    """The argument is named with its limits."""
    error = await client.refusal(
        f"query($first: Int) {{ {noun}(first: $first) {{ nodes {{ id }} }} }}", first=first
    )
    assert error == {"message": "first must be from 1 to 100.", "argument": "first", "code": "BAD_USER_INPUT"}


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


NO_OFFSET = "{} must have an offset, such as 2026-01-31T12:00:00Z."


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
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


async def test_the_timeline_is_paged_from_the_oldest(client: Client) -> None:
    """A cursor is a place that never moves; between pages more may happen."""
    created = await client.world.create()
    variables: dict[str, Any] = {"id": str(created.id), "first": 2}
    first = (await client.data(EVENTS, **variables))["finetuning"]["events"]
    assert [edge["node"]["kind"] for edge in first["edges"]] == ["CREATED"]
    assert first["pageInfo"]["hasNextPage"] is False
    await client.world.work()
    kinds, after = ["CREATED"], first["pageInfo"]["endCursor"]
    while after is not None:
        page = (await client.data(EVENTS, **variables, after=after))["finetuning"]["events"]
        assert page["pageInfo"]["hasPreviousPage"] is True
        kinds += [edge["node"]["kind"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    stored = await client.world.read(created)
    assert kinds == [event.kind.name for event in stored.timeline]
    assert len(kinds) >= 5
    assert FinetuningEventKind.JOB_ATTACHED in [event.kind for event in stored.timeline]
