"""One call of ``advance`` is one step.

The stored finetuning alone chooses it.
"""

from graphql_api.documents import Finetuning
from graphql_api.engine.advance import advance
from tests.world import World


async def stepped(world: World, held: Finetuning) -> tuple[Finetuning, list[str]]:
    """Take one step; return its result and the provider's calls in it."""
    before = len(world.sandbox.calls.find())
    left = await advance(world.engine, held)
    assert left is not None
    return left, [call.operation for call in world.sandbox.calls.find()[before:]]


async def claimed(world: World) -> Finetuning:
    """Take the lease of the finetuning that is due."""
    held = await world.engine.store.claim_due(token="t")
    assert held is not None
    return held


async def test_a_training_is_one_upload_one_create_and_then_one_look_at_a_time(world: World) -> None:
    """Each step is written before the next one is chosen; the lease is held until there is time to wait."""
    await world.create()
    held = await claimed(world)
    held, calls = await stepped(world, held)
    assert (calls, held.finetuning_file_id is None, held.lease is None) == (["files.create"], False, False)
    held, calls = await stepped(world, held)
    assert (calls, held.finetuning_job_id is None, held.lease is None) == (["jobs.create"], False, False)
    held, calls = await stepped(world, held)
    assert (calls, held.lease) == (["jobs.retrieve"], None)


async def test_a_step_for_a_lost_lease_writes_nothing(world: World) -> None:
    """The call was made; that it changed nothing here is said by no answer."""
    training = await world.created_and_training()
    world.advance(60)
    held = await claimed(world)
    world.advance(world.engine.timing.lease_s)
    other = await world.engine.store.claim_due(token="another")
    assert other is not None
    assert await advance(world.engine, held) is None
    assert await world.read(training) == other
