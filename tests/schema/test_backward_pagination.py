"""Lists from their ends, what lies beside a page, and how long a list is."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.documents.paging import MOST_COUNTED
from tests.schema.conftest import Client, many, minutes, store_finetunings
from tests.schema.test_pagination import EVENTS, PAGE

LISTS = ("finetunings", "goldenRecords", "dbConnections", "apiKeys", "auditLog", "providerAccounts")


@pytest.mark.parametrize("noun", LISTS)
async def test_a_page_is_counted_from_one_side(client: Client, noun: str) -> None:
    """Both sizes at once have no meaning; a null is none."""
    error = await client.refusal(f"{{ {noun}(first: 1, last: 1) {{ nodes {{ id }} }} }}")
    assert error == {"message": "Give either first or last.", "argument": "last", "code": "BAD_USER_INPUT"}
    for sizes in ("first: null, last: 1", "first: 1, last: null", "first: null, last: null"):
        assert await client.data(f"{{ {noun}({sizes}) {{ nodes {{ id }} }} }}") == {noun: {"nodes": []}}


async def test_a_list_is_read_from_its_end(client: Client) -> None:
    """Each page in the list's own order; what lies before and after is told truly, in both directions."""
    stored = (await store_finetunings(minutes(5)))[::-1]
    pages, before = list[list[str]](), None
    for _ in range(3):
        page = (await client.data(PAGE, last=2, before=before))["finetunings"]
        pages.append([node["id"] for node in page["nodes"]])
        info, before = page["pageInfo"], page["pageInfo"]["startCursor"]
        assert (info["hasPreviousPage"], info["hasNextPage"]) == (len(pages) < 3, len(pages) > 1)
    assert pages == [stored[3:5], stored[1:3], stored[:1]]
    ahead = (await client.data(PAGE, first=2, after=before))["finetunings"]
    assert [node["id"] for node in ahead["nodes"]] == stored[1:3]


async def test_what_lies_beside_a_page_is_looked_at(client: Client) -> None:
    """A cursor alone says nothing: its own entry and all before it may be gone."""
    stored = (await store_finetunings(minutes(3)))[::-1]
    whole = (await client.data(PAGE, first=3))["finetunings"]
    first, second, third = (edge["cursor"] for edge in whole["edges"])
    between = (await client.data(PAGE, first=5, after=first, before=third))["finetunings"]
    assert [node["id"] for node in between["nodes"]] == [stored[1]]
    assert (between["pageInfo"]["hasPreviousPage"], between["pageInfo"]["hasNextPage"]) == (True, True)
    for gone in (0, 2):
        await Finetuning.get_pymongo_collection().delete_one({"_id": PydanticObjectId(stored[gone])})
    between = (await client.data(PAGE, first=5, after=first, before=third))["finetunings"]
    assert [node["id"] for node in between["nodes"]] == [stored[1]]
    assert (between["pageInfo"]["hasPreviousPage"], between["pageInfo"]["hasNextPage"]) == (False, False)
    behind = (await client.data(PAGE, last=5, after=second))["finetunings"]["pageInfo"]
    assert (behind["hasPreviousPage"], behind["hasNextPage"], behind["startCursor"]) == (True, False, None)


async def test_a_list_is_counted(client: Client) -> None:
    """The whole list with its conditions, whatever the page; a thousand at most."""
    await store_finetunings(minutes(3), status=FinetuningStatus.RUNNING)
    await store_finetunings(minutes(2))
    count = "query($f: FinetuningFilter) { finetunings(filter: $f, first: 1) { totalCount } }"
    assert await client.data(count) == {"finetunings": {"totalCount": 5}}
    assert await client.data(count, f={"status": ["RUNNING"]}) == {"finetunings": {"totalCount": 3}}
    assert await client.data(count, f={"alias": "TORE"}) == {"finetunings": {"totalCount": 5}}
    await store_finetunings(minutes(MOST_COUNTED - 5))
    assert await client.data(count) == {"finetunings": {"totalCount": MOST_COUNTED}}
    await store_finetunings(minutes(1))
    assert await client.data(count) == {"finetunings": {"totalCount": None}}
    for noun in LISTS[1:]:
        assert await client.data(f"{{ {noun} {{ totalCount }} }}") == {noun: {"totalCount": 0}}


async def test_a_count_has_its_price(client: Client) -> None:
    """As much as a hundred fields: MongoDB counts up to a thousand entries for it."""
    fields = many(100, "finetunings(first: 20) { totalCount }")
    refusal = await client.refusal(f"{{ {fields} }}")
    assert (refusal["limit"], refusal["found"]) == ("cost", 100 * (1 + 100 + 20 * 5))
    events = "finetunings(first: 100) { nodes { events { totalCount } } }"  # known from the document
    assert await client.data(f"{{ {events} }}") == {"finetunings": {"nodes": []}}


async def test_a_history_is_read_from_its_end(client: Client) -> None:
    """The latest entries first, then those before them; its number is known."""
    created = await client.world.created_and_training()
    stored = [event.kind.name for event in (await client.world.read(created)).timeline]
    variables: dict[str, Any] = {"id": str(created.id), "last": 2}
    kinds, before = list[str](), None
    while len(kinds) < len(stored):
        page = (await client.data(EVENTS, **variables, before=before))["finetuning"]["events"]
        kinds = [edge["node"]["kind"] for edge in page["edges"]] + kinds
        assert page["totalCount"] == len(stored)
        info = page["pageInfo"]
        assert (info["hasPreviousPage"], info["hasNextPage"]) == (
            len(kinds) < len(stored),
            before is not None,
        )
        before = info["startCursor"]
    assert kinds == stored
    one: dict[str, Any] = {"id": str(created.id), "first": 100, "after": before}
    whole = (await client.data(EVENTS, **one))["finetuning"]["events"]
    part = await client.data(EVENTS, **one, before=whole["pageInfo"]["endCursor"])
    events = part["finetuning"]["events"]
    assert [edge["node"]["kind"] for edge in events["edges"]] == stored[1:-1]
    assert (events["pageInfo"]["hasPreviousPage"], events["pageInfo"]["hasNextPage"]) == (True, True)
