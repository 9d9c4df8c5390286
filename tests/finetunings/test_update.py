"""The update of a finetuning's alias and metadata."""

from dataclasses import replace

import pytest
from bson import ObjectId

from graphql_api.documents import FinetuningStatus
from graphql_api.errors import BadUserInputError, FinetuningNotFoundError
from graphql_api.finetunings.update import update
from tests.stages import raw
from tests.world import World


async def test_given_fields_are_set_and_the_others_stay(world: World) -> None:
    """The caller's subject is kept in the timeline, and the training goes on."""
    training = await world.created_and_training(alias="orders", metadata={"team": "a"})
    caller = replace(world.caller, subject="ada")
    updated = await update(str(training.id), {"alias": "sales"}, caller=caller, engine=world.engine)
    assert updated == await world.read(training)
    assert (updated.alias, updated.metadata) == ("sales", {"team": "a"})
    assert (updated.status, updated.finetuning_job_id) == (
        FinetuningStatus.RUNNING,
        training.finetuning_job_id,
    )
    assert updated.timeline[-1].actor == "ada"


async def test_an_update_without_fields_writes_nothing(world: World) -> None:
    """It returns the finetuning as it is."""
    created = await world.create()
    before = await raw(world, created)
    assert await update(str(created.id), {}, caller=world.caller, engine=world.engine) == created
    assert await raw(world, created) == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alias": "b", "metadata": {"a": 1}}, "metadata: the value of 'a' must be a string."),
        ({"metadata": {"a": "b"}, "alias": "a" * 201}, "alias must have at most 200 characters."),
    ],
    ids=["metadata", "alias"],
)
async def test_one_malformed_field_stops_all(world: World, given: dict[str, object], message: str) -> None:
    """Nothing of the update is stored."""
    created = await world.create()
    before = await raw(world, created)
    with pytest.raises(BadUserInputError) as refusal:
        await update(str(created.id), given, caller=world.caller, engine=world.engine)
    assert refusal.value.message == message
    assert await raw(world, created) == before


@pytest.mark.parametrize("given", [{"alias": "b"}, {}], ids=["a field", "no field"])
async def test_another_tenants_finetuning_is_not_found(world: World, given: dict[str, object]) -> None:
    """It gets the words of an unknown id, and stays as it was."""
    created = await world.create()
    before, stranger = await raw(world, created), replace(world.caller, tenant="another")
    for finetuning_id in (str(created.id), str(ObjectId())):
        with pytest.raises(FinetuningNotFoundError) as refusal:
            await update(finetuning_id, given, caller=stranger, engine=world.engine)
        assert refusal.value.message == f"There is no finetuning {finetuning_id}."
    assert await raw(world, created) == before
