"""``updateFinetuning``: what its user may change, in every state, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import Caller
from graphql_api.documents import Finetuning
from tests.schema.conftest import Client

UPDATE = """
mutation Update($id: ID!, $input: UpdateFinetuningInput!) {
  updateFinetuning(finetuningId: $id, input: $input) { id alias metadata status }
}
"""
DELETE = "mutation Delete($id: ID!) { deleteFinetuning(finetuningId: $id) { phase } }"


async def update(client: Client, finetuning: Finetuning, **given: Any) -> Any:
    """Update and return the answer."""
    return (await client.data(UPDATE, id=str(finetuning.id), input=given))["updateFinetuning"]


async def test_what_is_given_is_changed_and_all_else_stays(client: Client) -> None:
    """Absent differs from null, and the timeline tells who changed what."""
    created = await client.world.create(alias="$first", metadata={"a": "1"})
    client.world.advance(1)
    assert (await update(client, created, alias="$alias"))["metadata"] == {"a": "1"}
    assert await update(client, created, metadata={"$b": "$alias"}) == {
        "id": str(created.id),
        "alias": "$alias",
        "metadata": {"$b": "$alias"},
        "status": "QUEUED",
    }
    assert (await update(client, created, metadata=None))["metadata"] is None
    after = await client.world.read(created)
    told = [(event.kind.value, event.message, event.at) for event in after.timeline[1:]]
    assert told == [("updated", name, client.world.clock.now()) for name in ("alias", "metadata", "metadata")]
    changed = {"alias", "metadata", "timeline", "updated_at", "version"}
    assert after.model_dump(exclude=changed) == created.model_dump(exclude=changed)
    assert after.updated_at == client.world.clock.now()


async def test_an_ended_finetuning_can_still_be_renamed(client: Client) -> None:
    """Its outcome is not touched."""
    cancelled = await client.world.cancel(await client.world.create())
    assert (await update(client, cancelled, alias="kept for later"))["status"] == "CANCELLED"
    after = await client.world.read(cancelled)
    assert after.cancellation == cancelled.cancellation
    assert (after.finished_at, after.due_at, after.lease) == (cancelled.finished_at, None, None)


async def test_an_update_amid_a_turn_does_not_disturb_it(client: Client) -> None:
    """The holder keeps its lease, and what is due stays due."""
    created = await client.world.create()
    held = await client.world.engine.store.claim_due(token="t")
    assert held is not None
    await update(client, created, alias="other")
    assert await client.world.engine.store.record_wait(held, due_in_s=1) is not None


async def test_an_empty_change_changes_nothing(client: Client) -> None:
    """Not even the timeline."""
    created = await client.world.create()
    assert (await update(client, created))["id"] == str(created.id)
    assert await client.world.read(created) == created


@pytest.mark.parametrize(
    ("given", "argument"),
    [({"alias": None}, "alias"), ({"alias": " "}, "alias"), ({"metadata": {"a": 1}}, "metadata")],
)
async def test_bad_input_is_named(client: Client, given: Any, argument: str) -> None:
    """And nothing is changed."""
    created = await client.world.create()
    refusal = await client.refusal(UPDATE, id=str(created.id), input=given)
    assert (refusal["code"], refusal["argument"]) == ("BAD_USER_INPUT", argument)
    assert await client.world.read(created) == created


@pytest.mark.parametrize("given", [{"alias": "mine"}, {}])
async def test_somebody_elses_is_not_found(client: Client, given: Any) -> None:
    """Nor is a deleted one."""
    created = await client.world.create()
    theirs = replace(client, caller=Caller(tenant="other"))
    assert (await theirs.refusal(UPDATE, id=str(created.id), input=given))["code"] == "FINETUNING_NOT_FOUND"
    await client.data(DELETE, id=str(created.id))
    assert (await client.refusal(UPDATE, id=str(created.id), input=given))["code"] == "FINETUNING_NOT_FOUND"
