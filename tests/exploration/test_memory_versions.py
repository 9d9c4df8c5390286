"""The versions that an exploration remembers."""

from datetime import UTC, datetime, timedelta
from random import Random

from bson import ObjectId

from exploration.draws import new_finetuning
from exploration.memory_versions import Versions
from graphql_api.store.database import Database

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_same_write_of_a_version_is_made_once() -> None:
    """Its result is the very same document."""
    versions = Versions()
    before = versions.first({"_id": 1, "count": 1})
    pipeline = [{"$set": {"count": {"$add": ["$count", 1]}}}]
    after = versions.after(before, pipeline)
    assert after == {"_id": 1, "count": 2}
    assert versions.after(before, [{"$set": {"count": {"$add": ["$count", 1]}}}]) is after
    assert versions.after(after, pipeline) == {"_id": 1, "count": 3}
    assert before == {"_id": 1, "count": 1}


def test_another_write_is_another_version() -> None:
    """MongoDB tells 1 from 1.0 and one millisecond from the next, and so do the versions."""
    versions = Versions()
    before = versions.first({"_id": 1})
    values = [1, 1.0, True, START, START + timedelta(milliseconds=1), None, "1"]
    written = [versions.after(before, [{"$set": {"value": value}}])["value"] for value in values]
    assert [(type(value), value) for value in written] == [(type(value), value) for value in values]


def test_equal_documents_are_one_first_version() -> None:
    """Each run starts from a document of its own; a fleeting one does not leave its identity to another."""
    versions, id_ = Versions(), ObjectId()
    assert versions.first({"_id": id_}) is versions.first({"_id": ObjectId(id_)})
    firsts = [versions.first({"_id": number}) for number in range(1000)]
    assert [versions.after({"_id": one["_id"]}, [{"$set": {"a": "$_id"}}])["a"] for one in firsts] == [
        *range(1000)
    ]


def test_a_version_is_read_once(database: Database) -> None:
    """The finetuning that it describes is the same object each time."""
    versions, finetuning = Versions(), new_finetuning(Random(1), 1)
    version = versions.first(finetuning.model_dump(by_alias=True))
    assert versions.read(version) == finetuning
    assert versions.read(version) is versions.read(version)
