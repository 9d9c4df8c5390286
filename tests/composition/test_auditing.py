"""The audit log of the settings."""

from contextlib import AsyncExitStack

import pytest

from graphql_api.composition.auditing import open_audit
from graphql_api.composition.start_error import StartError
from graphql_api.metrics import Metrics
from graphql_api.store.database import Database
from tests.audit.conftest import ATTEMPT, stored


async def test_its_last_entries_are_stored_at_the_end(database: Database) -> None:
    """Nobody waited for them, and they have the expiry of the setting."""
    async with AsyncExitStack() as stack:
        audit = await open_audit(stack, database, days=7, metrics=Metrics())
        assert audit is not None
        audit.note(ATTEMPT.allowed())
    assert len(await stored()) == 1
    indexes = await database["audit_entries"].index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == 7 * 24 * 3600


async def test_without_days_there_is_none(database: Database) -> None:
    """What is stored keeps its life."""
    async with AsyncExitStack() as stack:
        await open_audit(stack, database, days=30, metrics=Metrics())
        assert await open_audit(stack, database, days=0, metrics=Metrics()) is None
    indexes = await database["audit_entries"].index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == 30 * 24 * 3600


async def test_an_index_in_the_way_is_told_in_one_line(database: Database) -> None:
    """With the setting's name."""
    await database["audit_entries"].drop_indexes()
    await database["audit_entries"].create_index("created_at", name="by_hand")
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError, match=r"^AUDIT_DAYS: MongoDB cannot keep the audit log: "):
            await open_audit(stack, database, days=30, metrics=Metrics())
    await database["audit_entries"].drop_indexes()
