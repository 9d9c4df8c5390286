"""Arguments shared by several fields."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import strawberry
from bson import ObjectId

from graphql_api.errors import BadUserInputError
from graphql_api.schema.arguments import LONGEST_SEARCHED, containing, created_within, given, named, optional

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@strawberry.input
class Changes:
    """Two optional fields."""

    alias: str | None = strawberry.UNSET
    size: int | None = strawberry.UNSET


def test_absent_is_null() -> None:
    """For arguments that mean the same without a value."""
    assert (optional(strawberry.UNSET), optional(None), optional(0)) == (None, None, 0)


def test_only_what_is_given_changes() -> None:
    """Null included."""
    assert given(Changes(alias=None)) == {"alias": None}
    assert given(Changes()) == {}


def test_a_range_is_half_open() -> None:
    """A moment in another zone is the same moment."""
    there = NOON.astimezone(timezone(timedelta(hours=2)))
    assert created_within(there, NOON) == {"created_at": {"$gte": NOON, "$lt": NOON}}
    assert created_within(None, None) == {}


def test_a_moment_needs_its_zone() -> None:
    """A guess would move it by hours."""
    with pytest.raises(BadUserInputError, match="createdBefore must have an offset"):
        created_within(None, NOON.replace(tzinfo=None))


def test_a_searched_text_is_no_pattern() -> None:
    """It is found as it is written, in upper or lower case."""
    assert containing("a.b", name="alias") == {"$regex": re.escape("a.b"), "$options": "i"}


@pytest.mark.parametrize("text", ["", "a" * (LONGEST_SEARCHED + 1), "a\0"])
def test_a_bad_search_is_named(text: str) -> None:
    """MongoDB is not asked."""
    with pytest.raises(BadUserInputError, match="alias"):
        containing(text, name="alias")


def test_a_name_is_an_alias_or_the_start_of_an_id() -> None:
    """What is no hexadecimal number is an alias alone; a whole id is a range of one."""
    assert named("library") == {"alias": "library"}
    assert named("ab" * 13) == {"alias": "ab" * 13}
    low, high = ObjectId("65f" + "0" * 21), ObjectId("65f" + "f" * 21)
    assert named("65F") == {"$or": [{"alias": "65F"}, {"_id": {"$gte": low, "$lte": high}}]}
    with pytest.raises(BadUserInputError, match="named must not be empty"):
        named(" ")
