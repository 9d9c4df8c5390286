"""Positions in lists: to the millisecond, then by id."""

from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import BadCursorError, GoldenRecord, Listing
from graphql_api.documents.cursors import encoded
from graphql_api.documents.paging import Position
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
    found = await collection.find(POSITION.older, ["_id"]).to_list()
    assert {one["_id"] for one in found} == {rows[0]["_id"], smaller}
