"""A sample of schedules on the real MongoDB.

Every answer there is the twin's answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError

from exploration.memory_collection import MemoryCollection, MemoryCursor, Observer
from exploration.memory_versions import Versions
from exploration.parts import REAL
from exploration.scenarios import SCENARIOS, Scenario
from exploration.search import explore
from graphql_api.store.database import Database

pytestmark = pytest.mark.usefixtures("untraced")  # tens of thousands of runs

Document = Mapping[str, Any]


class Mirrored(MemoryCollection):
    """The twin, with a real collection beside it that has to say the same."""

    def __init__(self, observe: Observer, *, real: Any, versions: Versions) -> None:
        super().__init__(observe, versions=versions)
        self._real = real
        self._real.delete_many({})

    def insert(self, document: Document) -> None:
        """Store the document in both."""
        super().insert(document)
        self._real.insert_one(dict(document))

    async def find_one(self, where: Document) -> Document | None:
        """Give the answer of both."""
        found = await super().find_one(where)
        assert found == self._real.find_one(where)
        return found

    async def update_many(self, where: Document, pipeline: list[Document], **options: Any) -> None:
        """Write in both."""
        self._real.update_many(where, pipeline)
        await super().update_many(where, pipeline)
        stored = {document["_id"]: document for document in self._real.find()}
        assert stored == self.documents

    def find(self, where: Document, projection: Sequence[str]) -> MemoryCursor:
        """Give the answer of both."""
        matched = {one["_id"] for one in self._real.find(where, projection)}
        assert matched == {one["_id"] for one in self._matching(where)}
        return super().find(where, projection)

    async def find_one_and_update(
        self, where: Document, pipeline: list[Document], **options: Any
    ) -> Document | None:
        """Give the answer of both."""
        try:
            expected = self._real.find_one_and_update(where, pipeline, **options)
        except DuplicateKeyError:
            with pytest.raises(DuplicateKeyError):
                await super().find_one_and_update(where, pipeline, **options)
            raise
        found = await super().find_one_and_update(where, pipeline, **options)
        assert found == expected
        return found


@pytest.mark.timeout(300)  # seconds of real database work, not of waiting
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_real_database_says_the_same(database: Database, mongodb_uri: str, scenario: Scenario) -> None:
    """The schedules with one deviation from the plainest give the same counts and no violation there."""
    with MongoClient[dict[str, Any]](mongodb_uri, tz_aware=True, w=1, journal=False) as client:
        mirrored = partial(Mirrored, real=client["tests"]["finetunings"])
        findings = explore(scenario, parts=replace(REAL, collection=mirrored), deviations=1)
    assert findings == explore(scenario, deviations=1)
    assert not findings.broken
