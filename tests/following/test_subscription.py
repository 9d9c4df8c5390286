"""Subscribers share a change and its provider's lines."""

import asyncio
import gc
from typing import Any

import pytest
from pydantic import ValidationError

from graphql_api.documents import LineRange
from graphql_api.following.subscription import Change
from tests.following.test_change_feed import add_lines
from tests.world import World


async def test_lines_that_could_not_be_read_are_read_again(world: World) -> None:
    """A failure is told to its waiting readers, and is not logged after their departure."""
    created = await world.create()
    await add_lines(world, created, 1)
    change, wanted = Change(created), LineRange(created.id, 0, 1)
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    lines = world.database["provider_events"]
    await lines.update_one({}, {"$set": {"message": {"not": "a text"}}})
    leaver = asyncio.create_task(change.lines(wanted))
    await asyncio.sleep(0)
    (load,) = change._loads.values()
    leaver.cancel()
    await asyncio.wait([load, leaver])
    del load
    gc.collect()
    assert complaints == []
    with pytest.raises(ValidationError):
        await change.lines(wanted)
    await lines.update_one({}, {"$set": {"message": "line 0"}})
    assert [line.message for line in await change.lines(wanted)] == ["line 0"]
