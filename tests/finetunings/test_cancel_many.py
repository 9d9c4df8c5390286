"""Many cancels by one write: each finetuning has its result, and the provider is not asked."""

from dataclasses import replace

import pytest
from beanie import PydanticObjectId
from bson import ObjectId

from graphql_api.documents import Finetuning
from graphql_api.errors import BadUserInputError
from graphql_api.finetunings.cancel import CancelOutcome
from graphql_api.finetunings.cancel_many import MOST_AT_ONCE, cancel_many, live_matching, named
from tests.stages import raw
from tests.world import World


async def test_each_id_has_its_own_result(world: World) -> None:
    """A queued one is cancelled, one in training is requested, an unknown one has no finetuning."""
    training, queued, unknown = await world.created_and_training(), await world.create(), PydanticObjectId()
    results = await cancel_many(
        [training.id, unknown, queued.id],
        metadata={"why": "budget"},
        dry_run=False,
        caller=replace(world.caller, subject="ada"),
        engine=world.engine,
    )
    assert [(one.finetuning_id, one.outcome) for one in results] == [
        (str(training.id), CancelOutcome.REQUESTED),
        (str(unknown), CancelOutcome.NOT_FOUND),
        (str(queued.id), CancelOutcome.CANCELLED),
    ]
    assert [one.finetuning for one in results] == [await world.read(training), None, await world.read(queued)]
    for one in (training, queued):
        cancellation = (await world.read(one)).cancellation
        assert cancellation is not None
        assert cancellation.requested_by == "ada"
    assert world.calls("jobs.cancel") == 0


async def test_a_dry_run_writes_nothing(world: World) -> None:
    """It tells the outcome of a cancel, and the document stays as it was."""
    created = await world.create()
    before = await raw(world, created)
    results = await cancel_many(
        [created.id], metadata=None, dry_run=True, caller=world.caller, engine=world.engine
    )
    assert [one.outcome for one in results] == [CancelOutcome.WOULD_CANCEL]
    assert await raw(world, created) == before


def test_an_id_given_twice_counts_once() -> None:
    """The ids keep the order of their first mention."""
    first, second = ObjectId(), ObjectId()
    assert named([str(one) for one in (second, first, second)]) == [second, first]


@pytest.mark.parametrize(
    ("given", "argument", "message"),
    [
        ([], "finetuningIds", "finetuningIds must have 1 to 1000 entries."),
        (["x"] * (MOST_AT_ONCE + 1), "finetuningIds", "finetuningIds must have 1 to 1000 entries."),
        (["0" * 24, "x"], "finetuningIds[1]", "finetuningIds[1] must be an id of 24 hexadecimal digits."),
    ],
    ids=["none", "too many", "malformed"],
)
def test_malformed_ids_are_refused(given: list[str], argument: str, message: str) -> None:
    """The error names the argument, and of many ids the one that is wrong."""
    with pytest.raises(BadUserInputError) as refusal:
        named(given)
    assert (refusal.value.details, refusal.value.message) == ({"argument": argument}, message)


async def test_only_live_finetunings_of_the_tenant_match(world: World) -> None:
    """The newest comes first; an ended one and another tenant's are left out."""
    older, ended, newer = [await world.create() for _ in range(3)]
    await world.cancel(ended)
    assert await live_matching({}, caller=world.caller) == [newer.id, older.id]
    assert await live_matching({"_id": older.id}, caller=world.caller) == [older.id]
    assert await live_matching({}, caller=replace(world.caller, tenant="another")) == []
    assert await Finetuning.count() == 3
