"""Hints: each makes its finetuning due once.

No hint is lost during another's work or death.
"""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from graphql_api.documents import FinetuningStatus, WebhookDelivery
from graphql_api.documents.webhook_delivery import REMEMBERED_S
from graphql_api.engine.driving import work_once
from graphql_api.providers.port import ProviderHint
from graphql_api.upkeep.webhook_hints import take_hint
from tests.interruptions import Crash, Interrupted, _Watched, crash
from tests.stages import raw
from tests.world import OPENAI, World


def hint_of(job_id: str | None, *, delivery_id: str = "evt_1") -> ProviderHint:
    """Return a hint about this job."""
    return ProviderHint(delivery_id=delivery_id, job_id=job_id)


async def test_a_hint_counts_once(world: World) -> None:
    """The first delivery makes it due; the second of the same id says so and writes nothing."""
    training = await world.created_and_training()
    hint = hint_of(training.finetuning_job_id)
    assert await take_hint(hint, account=OPENAI, engine=world.engine) is True
    assert (await world.read(training)).due_at == world.clock.now()
    assert await world.work() == 1
    settled = await raw(world, training)
    assert await take_hint(hint, account=OPENAI, engine=world.engine) is False
    assert await raw(world, training) == settled


async def test_equal_hints_at_once_do_no_harm(world: World) -> None:
    """One memory of them, one due finetuning, no error."""
    training = await world.created_and_training()
    hint = hint_of(training.finetuning_job_id)
    await asyncio.gather(*[take_hint(hint, account=OPENAI, engine=world.engine) for _ in range(5)])
    assert [one.id for one in await WebhookDelivery.find_all().to_list()] == ["evt_1"]
    assert await world.work() == 1


async def test_a_hint_during_a_look_is_not_lost(world: World) -> None:
    """Its news may be newer than the holder's write: the holder looks again at once.

    The hint comes before each of the holder's calls in turn, the last one included, and all of it within one
    millisecond, too short for any clock to tell the order.
    """
    for number, call in enumerate(["claim_due", "retrieve_job", "record_sync"], start=1):
        training = await world.created_and_training()
        world.advance(world.engine.timing.sync_interval_s)
        looks = world.calls("jobs.retrieve")

        async def hint(job_id: str | None = training.finetuning_job_id, call: str = call) -> None:
            await take_hint(hint_of(job_id, delivery_id=call), account=OPENAI, engine=world.engine)

        interrupted = Interrupted(at=number, interruption=hint)
        assert await work_once(interrupted.engine(world.engine)) is True
        assert interrupted.calls[number - 1] == call
        after = await world.read(training)
        assert (after.status, after.lease) == (FinetuningStatus.RUNNING, None)
        looked_again = await world.work()
        assert (looked_again, world.calls("jobs.retrieve") - looks) == ((0, 1) if number == 1 else (1, 2))
        await world.cancel(training)


async def test_a_hint_leaves_the_holder_its_lease(world: World) -> None:
    """No other takes the held finetuning, however due it is."""
    created = await world.create()
    held = await world.engine.store.claim(created.id, token="holder")
    assert held is not None
    await world.engine.upkeep.hint({"_id": created.id})
    assert await world.work() == 0
    assert (await world.read(created)).lease == held.lease
    assert world.sandbox.calls.find() == []


async def test_a_hint_that_dies_before_it_is_durable_is_taken_when_delivered_again(world: World) -> None:
    """The delivery is remembered last, so that nothing remembered was ever lost."""
    training = await world.created_and_training()
    hint = hint_of(training.finetuning_job_id)
    upkeep = cast("Any", _Watched(world.engine.upkeep, Interrupted(at=1, interruption=crash)))
    with pytest.raises(Crash):
        await take_hint(hint, account=OPENAI, engine=replace(world.engine, upkeep=upkeep))
    assert await WebhookDelivery.find_all().count() == 0
    assert (await world.read(training)).hinted_at is None
    assert await take_hint(hint, account=OPENAI, engine=world.engine) is True
    assert (await world.read(training)).hinted_at == world.clock.now()


async def test_a_hint_about_nothing_of_ours_is_only_remembered(world: World) -> None:
    """Another's job, or no job at all, makes nothing due."""
    training = await world.created_and_training()
    before = await raw(world, training)
    assert await take_hint(hint_of("ftjob-of-nobody"), account=OPENAI, engine=world.engine) is True
    assert await take_hint(hint_of(None, delivery_id="evt_2"), account=OPENAI, engine=world.engine) is True
    assert await raw(world, training) == before
    assert await WebhookDelivery.find_all().count() == 2


async def test_a_hint_never_puts_off(world: World) -> None:
    """A finetuning due for some time stays due since then."""
    created = await world.create()
    due_at = created.due_at
    world.advance(100)
    await world.engine.upkeep.hint({"_id": created.id})
    assert (await world.read(created)).due_at == due_at


async def test_deliveries_are_forgotten_after_four_days(world: World) -> None:
    """MongoDB drops them by an index of its own, a day after the provider has stopped delivering."""
    indexes = await world.database["webhook_deliveries"].index_information()
    assert indexes["forgotten"]["key"] == [("received_at", 1)]
    assert indexes["forgotten"]["expireAfterSeconds"] == REMEMBERED_S == 345_600
