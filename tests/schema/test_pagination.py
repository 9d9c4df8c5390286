"""Lists: every entry exactly once.

Changes meanwhile do not matter; bad sizes are refused.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from graphql_api.documents import FinetuningEventKind
from tests.schema.conftest import MIDNIGHT, Client, minutes, store_finetunings

PAGE = """
query Page($filter: FinetuningFilter, $first: Int, $after: String, $last: Int, $before: String) {
  finetunings(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


EVENTS = """
query Events($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  finetuning(id: $id) {
    events(first: $first, after: $after, last: $last, before: $before) {
      totalCount
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


@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1])
@pytest.mark.parametrize("name", ["first", "last"])
@pytest.mark.parametrize("noun", ["finetunings", "goldenRecords", "dbConnections"])
async def test_a_page_size_out_of_range_is_bad_input(client: Client, noun: str, name: str, size: int) -> None:
    """The argument is named with its limits."""
    error = await client.refusal(f"{{ {noun}({name}: {size}) {{ nodes {{ id }} }} }}")
    assert error == {"message": f"{name} must be from 1 to 100.", "argument": name, "code": "BAD_USER_INPUT"}


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
