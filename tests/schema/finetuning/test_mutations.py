"""``updateFinetuning`` and ``deleteFinetuning``.

The tests hold their changes, and the state shown afterwards.
"""

from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import Finetuning
from graphql_api.sandbox.faults import Fault, FaultKind
from tests.schema.conftest import Client

UPDATE = """
mutation Update($id: ID!, $input: UpdateFinetuningInput!) {
  updateFinetuning(finetuningId: $id, input: $input) { id alias metadata status }
}
"""
DELETE = """
mutation Delete($id: ID!) {
  deleteFinetuning(finetuningId: $id) {
    finetuningId phase finetuning { id status cancellation { phase lastError } }
  }
}
"""
CANCEL = "mutation Cancel($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }"
ONE = "query One($id: ID!) { finetuning(id: $id) { id status } }"
ALL = "{ finetunings(first: 10) { nodes { id } } }"


async def update(client: Client, finetuning: Finetuning, **given: Any) -> Any:
    """Update and return the answer."""
    return (await client.data(UPDATE, id=str(finetuning.id), input=given))["updateFinetuning"]


async def test_what_is_given_is_changed_and_all_else_stays(client: Client) -> None:
    """Absent differs from null, and the timeline names the caller and the changes."""
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
    """The holder keeps its lease, and the due time stays."""
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
    theirs = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    assert (await theirs.refusal(UPDATE, id=str(created.id), input=given))["code"] == "FINETUNING_NOT_FOUND"
    await client.data(DELETE, id=str(created.id))
    assert (await client.refusal(UPDATE, id=str(created.id), input=given))["code"] == "FINETUNING_NOT_FOUND"


async def delete(client: Client, finetuning: Finetuning) -> Any:
    """Delete and return the answer."""
    return (await client.data(DELETE, id=str(finetuning.id)))["deleteFinetuning"]


def deleted(finetuning: Finetuning) -> dict[str, Any]:
    """Return the answer of a deletion carried out."""
    return {"finetuningId": str(finetuning.id), "phase": "DELETED", "finetuning": None}


async def test_a_deleted_finetuning_is_gone_for_everyone(client: Client) -> None:
    """It is null, not listed and not cancellable; to delete it again is told the same."""
    training, other = await client.world.created_and_training(), await client.world.create()
    assert await delete(client, training) == deleted(training)
    assert await client.data(ONE, id=str(training.id)) == {"finetuning": None}
    assert await client.data(ALL) == {"finetunings": {"nodes": [{"id": str(other.id)}]}}
    assert (await client.refusal(CANCEL, id=str(training.id)))["code"] == "FINETUNING_NOT_FOUND"
    assert await delete(client, training) == deleted(training)
    stored = await client.world.read(training)
    assert [event.kind.value for event in stored.timeline][-1] == "deleted"
    assert client.world.files() == []
    assert client.world.live_jobs() == []


async def test_until_it_is_confirmed_the_finetuning_is_visible(client: Client) -> None:
    """With its true status and its fault; later it is gone by itself."""
    training = await client.world.created_and_training()
    client.world.fault(Fault(kind=FaultKind.STATUS, operation="*", status=429, times=None))
    answer = await delete(client, training)
    shown = answer.pop("finetuning")
    assert answer == {"finetuningId": str(training.id), "phase": "REQUESTED"}
    assert (shown["id"], shown["status"]) == (str(training.id), "RUNNING")
    assert shown["cancellation"]["phase"] == "REQUESTED"
    assert shown["cancellation"]["lastError"]
    assert await client.data(ONE, id=str(training.id)) == {
        "finetuning": {"id": str(training.id), "status": "RUNNING"}
    }
    assert len((await client.data(ALL))["finetunings"]["nodes"]) == 1
    client.world.sandbox.faults.clear()
    await client.world.drain(seconds=30)
    assert await client.data(ONE, id=str(training.id)) == {"finetuning": None}
    assert await delete(client, training) == deleted(training)


@pytest.mark.parametrize(
    ("finetuning_id", "code"),
    [("another's", "FINETUNING_NOT_FOUND"), ("unknown", "FINETUNING_NOT_FOUND"), ("x", "BAD_USER_INPUT")],
)
async def test_what_is_not_the_callers_is_refused(client: Client, finetuning_id: str, code: str) -> None:
    """Another's and a missing one are the same, and nothing happens."""
    training = await client.world.created_and_training()
    ids = {"another's": str(training.id), "unknown": str(ObjectId())}
    client.caller = replace(ANONYMOUS, tenant="other", subject="eve")
    given = ids.get(finetuning_id, finetuning_id)
    assert (await client.refusal(DELETE, id=given))["code"] == code
    assert await client.world.read(training) == training
    assert len(client.world.live_jobs()) == 1


async def test_an_idempotency_key_of_a_deleted_finetuning_makes_a_new_one(client: Client) -> None:
    """The key goes with its use."""
    connection = await client.world.connection()
    given = {"db_connection_id": str(connection.id), "idempotency_key": "nightly"}
    first = await client.world.create(**given)
    assert await delete(client, first) == deleted(first)
    second = await client.world.create(**given)
    assert await client.data(ALL) == {"finetunings": {"nodes": [{"id": str(second.id)}]}}
