"""Golden records' ids in one binary.

The ids and their order stay the same, and reading them late costs no work before.
"""

import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from pydantic import TypeAdapter, ValidationError

from graphql_api.documents import GoldenRecordIds

IDS = [PydanticObjectId() for _ in range(3)]
ADAPTER = TypeAdapter(GoldenRecordIds)


def test_ids_come_out_as_they_went_in() -> None:
    """In their order, repetitions included, as often as they are gone through."""
    ids = GoldenRecordIds.of([*IDS, IDS[0]])
    assert [list(ids), list(ids)] == [[*IDS, IDS[0]]] * 2
    assert {type(one) for one in ids} == {PydanticObjectId}
    assert (len(ids), list(GoldenRecordIds()), len(GoldenRecordIds())) == (4, [], 0)
    assert bytes(ids) == b"".join(one.binary for one in [*IDS, IDS[0]])


def test_equal_ids_in_equal_order_are_equal() -> None:
    """Another order is something else, and so is a list."""
    ids = GoldenRecordIds.of(IDS)
    assert (ids, hash(ids)) == (GoldenRecordIds(bytes(ids)), hash(GoldenRecordIds(bytes(ids))))
    assert ids != GoldenRecordIds.of(IDS[::-1])
    assert ids != IDS
    assert repr(ids) == f"GoldenRecordIds.of({list(map(str, IDS))})"


def test_an_id_is_only_found_where_one_begins() -> None:
    """Not across the end of an id and the beginning of the next one, even before the right place."""
    first, across, last = ObjectId("00" * 6 + "11" * 6), ObjectId("11" * 6 + "22" * 6), ObjectId("22" * 12)
    ids = GoldenRecordIds.of([first, last])
    assert [one in ids for one in (first, last, across)] == [True, True, False]
    assert across in GoldenRecordIds.of([first, last, across])
    assert str(first) not in ids
    assert first not in GoldenRecordIds()


def test_a_document_has_the_binary_and_json_the_ids() -> None:
    """Both can be read back; a dump for MongoDB is not gone through."""
    ids = GoldenRecordIds.of(IDS)
    assert ADAPTER.dump_python(ids) == bytes(ids)
    assert ADAPTER.dump_python(ids, mode="json") == [str(one) for one in IDS]
    assert ADAPTER.validate_python(bytes(ids)) == ids
    assert ADAPTER.validate_python(ids) is ids


@pytest.mark.parametrize("wrong", [b"x" * 11, b"x" * 13])
def test_what_is_no_whole_number_of_ids_is_refused(wrong: bytes) -> None:
    """An id has twelve bytes."""
    with pytest.raises(ValidationError, match=f"12 bytes each, and these are {len(wrong)} bytes"):
        ADAPTER.validate_python(wrong)
