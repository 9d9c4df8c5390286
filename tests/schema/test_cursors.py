"""Cursors: each belongs to one list.

Only the list of its origin takes it.
"""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from graphql_api.documents import Finetuning, LineRange, Listing, ProviderEvent
from graphql_api.errors import BadUserInputError
from graphql_api.schema.finetuning.events import history_page
from graphql_api.schema.pagination import Part
from graphql_api.store.history import Place
from tests.following.test_change_feed import add_lines
from tests.schema.conftest import Client
from tests.schema.finetuning.test_subscriptions import EVENTS, following, next_of, refusal_of
from tests.stages import ask

OID = bytes.fromhex("65f0c0ffee65f0c0ffee65f0")


def coated(content: bytes) -> str:
    """Return the content in the coat of a cursor."""
    return urlsafe_b64encode(content).decode()


OF_FINETUNINGS = coated(b"f" + bytes(8) + OID)
OF_EVENTS = coated(b"e" + OID + bytes(8))
NO_CURSORS = {
    "empty": "",
    "word": "next",
    "number": "3",
    "pair": "1-0",
    "not_base64": "!" * 28,
    "not_ascii": "٣" * 28,
    "emoji": "😀",
    "nul": "\0",
    "no_list": coated(b"x" + bytes(8) + OID),
    "short": OF_FINETUNINGS[:24],
    "over_long": OF_FINETUNINGS + "AAAA",
    "trailing": OF_FINETUNINGS + "\n",
    "inserted": "!" + OF_FINETUNINGS,
    "padded": OF_EVENTS + "=",
    "other_alphabet": coated(b"e" + OID + b"\xff" * 8).replace("_", "/"),
    "huge": "A" * 9_000,
}
LISTS = ("dbConnections", "finetunings", "goldenRecords")


def refused(problem: str) -> dict[str, Any]:
    """Return the error of a cursor."""
    return {"message": f"after is {problem}.", "argument": "after", "code": "BAD_USER_INPUT"}


NOT_A_CURSOR = refused("not a cursor of this list")
BEYOND = refused("a place beyond the end of this list")


async def refusal_of_list(client: Client, name: str, after: str) -> dict[str, Any]:
    """Return the error of a page of the list."""
    query = f"query($after: String) {{ {name}(after: $after) {{ nodes {{ id }} }} }}"
    return await client.refusal(query, after=after)


async def refusals_of_history(client: Client, finetuning: Finetuning, after: str) -> list[dict[str, Any]]:
    """Return the errors of a page of the finetuning's history, and of following it."""
    query = """query($id: ID!, $after: String) {
        finetuning(id: $id) { events(after: $after) { nodes { kind } } }
    }"""
    page = await client.refusal(query, id=str(finetuning.id), after=after)
    async with following(client, EVENTS, id=str(finetuning.id), after=after) as results:
        return [page, await refusal_of(results)]


@pytest.mark.parametrize("after", NO_CURSORS.values(), ids=NO_CURSORS.keys())
async def test_what_is_no_cursor_is_bad_input(client: Client, after: str) -> None:
    """Only the very text of a cursor is one, for each list and for the history."""
    created = await client.world.create()
    assert [await refusal_of_list(client, name, after) for name in LISTS] == [NOT_A_CURSOR] * 3
    assert await refusals_of_history(client, created, after) == [NOT_A_CURSOR] * 2


@pytest.mark.parametrize("milliseconds", [-(2**63), 2**63 - 1, -(10**14), 3 * 10**14])
async def test_a_time_outside_of_the_calendar_is_no_place(client: Client, milliseconds: int) -> None:
    """Nothing was created then."""
    after = coated(b"f" + milliseconds.to_bytes(8, signed=True) + OID)
    assert await refusal_of_list(client, "finetunings", after) == NOT_A_CURSOR


async def test_a_cursor_of_another_list_is_refused_by_name(client: Client) -> None:
    """Of the lists and the history, each takes its own only; the error names the cursor's list."""
    created = await client.world.create()
    pages = " ".join(f"{name}(first: 1) {{ pageInfo {{ endCursor }} }}" for name in LISTS)
    query = f'{{ {pages} finetuning(id: "{created.id}") {{ events {{ pageInfo {{ endCursor }} }} }} }}'
    data = await client.data(query)
    given = {name: data[name]["pageInfo"]["endCursor"] for name in LISTS}
    given["events"] = data["finetuning"]["events"]["pageInfo"]["endCursor"]
    assert {len(cursor) for cursor in given.values()} == {28}
    for of, cursor in given.items():
        for name in set(LISTS) - {of}:
            assert await refusal_of_list(client, name, cursor) == refused(f"a cursor of {of}, not of {name}")
        if of != Listing.EVENTS:
            error = refused(f"a cursor of {of}, not of events")
            assert await refusals_of_history(client, created, cursor) == [error] * 2


async def test_a_cursor_of_another_finetuning_is_refused_by_name(client: Client) -> None:
    """Its counts would be another's: everything before them would never be told."""
    longer, shorter = await client.world.created_and_training(), await client.world.create()
    after = Place(3, 0).encode(of=longer.id)
    error = refused(f"a cursor of the events of finetuning {longer.id}, not of {shorter.id}")
    assert await refusals_of_history(client, shorter, after) == [error] * 2


async def test_a_place_in_the_future_is_refused(client: Client) -> None:
    """Everything before it would never be told, the cancel and its end included, or the provider's lines."""
    created = await client.world.create()
    await add_lines(client.world, created, 2)
    for place in (Place(2, 0), Place(999, 0), Place(0, 3), Place(1, 2**32 - 1)):
        after = place.encode(of=created.id)
        assert await refusals_of_history(client, created, after) == [BEYOND] * 2
    after = Place(1, 2).encode(of=created.id)
    async with following(client, EVENTS, id=str(created.id), after=after) as results:
        await ask(client.world, created)
        told = [(await next_of(results))["event"]["kind"] for _ in range(2)]
    assert told == ["CANCEL_REQUESTED", "STATUS_CHANGED"]


async def no_lines(wanted: LineRange) -> list[ProviderEvent]:
    """Return no lines of the provider's log."""
    assert wanted.start == wanted.stop
    return []


async def test_a_place_that_was_handed_out_is_taken_by_who_has_read_less(client: Client) -> None:
    """A newly elected primary may read the state of a moment ago: MongoDB is asked for the latest."""
    stale = await client.world.create()
    await ask(client.world, stale)
    latest = await client.world.read(stale)
    first, last = (Place(own, 0).encode(of=stale.id) for own in (2, len(latest.timeline)))
    page = await history_page(stale, part=Part(after=first), load=no_lines)
    assert [(edge.cursor, edge.node.kind.name) for edge in page.edges] == [(last, "STATUS_CHANGED")]
    assert (await history_page(stale, part=Part(after=last), load=no_lines)).edges == []
    after = Place(len(latest.timeline) + 1, 0).encode(of=stale.id)
    with pytest.raises(BadUserInputError):
        await history_page(stale, part=Part(after=after), load=no_lines)


def test_every_list_has_a_letter_of_its_own() -> None:
    """By it the cursors of one are told from those of another."""
    assert len({listing.letter for listing in Listing}) == len(Listing)
