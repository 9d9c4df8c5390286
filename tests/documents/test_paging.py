"""Positions in lists: to the millisecond, then by id."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import BadCursorError, GoldenRecord, Listing
from graphql_api.documents.cursors import encoded
from graphql_api.documents.paging import Order, Position
from graphql_api.store.database import Database

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
POSITION = Position(AT, PydanticObjectId("0123456789abcdef01234567"))


@pytest.mark.parametrize("at", [AT, datetime(1969, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
def test_a_position_comes_back(at: datetime) -> None:
    """Before the epoch as after it."""
    position = Position(at, POSITION.id)
    assert Position.decode(position.encode(of=Listing.FINETUNINGS), of=Listing.FINETUNINGS) == position


def test_a_time_outside_of_the_calendar_is_no_position() -> None:
    """A made-up number of milliseconds is refused like any other text."""
    cursor = encoded(Listing.FINETUNINGS, (2**62).to_bytes(8) + POSITION.id.binary)
    with pytest.raises(BadCursorError, match=r"^not a cursor of this list$"):
        Position.decode(cursor, of=Listing.FINETUNINGS)


async def test_what_is_older_comes_after(database: Database) -> None:
    """An earlier time, or the same time and a smaller id; never the document itself."""
    smaller, greater = (PydanticObjectId(f"{digit * 24}") for digit in "0f")
    moments = [AT - timedelta(milliseconds=1), AT, AT + timedelta(milliseconds=1)]
    rows = [{"_id": PydanticObjectId(), "created_at": at} for at in (moments[0], moments[2])]
    same = [{"_id": one, "created_at": AT} for one in (smaller, POSITION.id, greater)]
    collection = GoldenRecord.get_pymongo_collection()
    for number, row in enumerate([*rows, *same]):
        await collection.insert_one({**row, "digest": str(number)})
    found = await collection.find(Order.newest_of(GoldenRecord).behind(POSITION), ["_id"]).to_list()
    assert {one["_id"] for one in found} == {rows[0]["_id"], smaller}


BY_END = Order("finished_at", Listing.FINETUNINGS_BY_END)


async def test_every_order_is_the_same_forwards_and_backwards(database: Database) -> None:
    """With equal times and without a time: each document is behind those before it, and no other."""
    collection = GoldenRecord.get_pymongo_collection()
    moments = [None, None, AT, AT, AT + timedelta(milliseconds=1), AT - timedelta(days=1)]
    rows = [{"_id": PydanticObjectId(), "finished_at": at, "digest": str(n)} for n, at in enumerate(moments)]
    await collection.insert_many([*rows, {"_id": PydanticObjectId(), "digest": "without the field"}])
    for order in (BY_END, replace(BY_END, latest_first=False)):
        listed = await collection.find({}).sort(order.sort()).to_list()
        assert await collection.find({}).sort(order.sort(backwards=True)).to_list() == listed[::-1]
        for number, row in enumerate(listed):
            place = order.place(row)
            assert Position.decode(place.encode(of=order.listing), of=order.listing) == place
            behind = await collection.find(order.behind(place)).sort(order.sort()).to_list()
            before = await collection.find(order.before(place)).sort(order.sort()).to_list()
            assert (before, behind) == (listed[:number], listed[number + 1 :])
            there = await collection.find(order.behind(place, even_there=True)).sort(order.sort()).to_list()
            assert there == listed[number:]
            there = await collection.find(order.before(place, even_there=True)).sort(order.sort()).to_list()
            assert there == listed[: number + 1]


def test_only_what_may_lack_its_time_has_a_place_without_one() -> None:
    """Every document was created at some time."""
    cursor = Position(None, POSITION.id).encode(of=Listing.FINETUNINGS)
    with pytest.raises(BadCursorError, match=r"^not a cursor of this list$"):
        Position.decode(cursor, of=Listing.FINETUNINGS)


def test_a_node_id_says_its_type(database: Database) -> None:
    """Before the raw id."""
    record = GoldenRecord.model_construct(id=POSITION.id)
    assert record.node_id == "GoldenRecord:0123456789abcdef01234567"
