"""Users' requests, each in its tenant.

The holder of the lease does not matter.
"""

from beanie import PydanticObjectId

from graphql_api.documents import Deletion, Finetuning, FinetuningEventKind, FinetuningStatus, Wanted
from graphql_api.tenancy import TenantScope
from tests.stages import ASKED, Stage, held_at, raw
from tests.world import World

OTHER = TenantScope("other")


async def test_a_key_is_used_once(world: World) -> None:
    """The second insertion stores nothing; the first is found by the key, in its tenant alone."""
    store = world.engine.store
    first = await world.create(idempotency_key="$key")
    again = first.model_copy(update={"id": PydanticObjectId()})
    assert await store.insert(again) is None
    assert await Finetuning.find_all().count() == 1
    found = await store.created_with("$key", scope=TenantScope.of(first))
    assert found is not None
    assert found.id == first.id
    assert await store.created_with("$key", scope=OTHER) is None
    assert await store.created_with("other", scope=TenantScope.of(first)) is None


async def test_an_inserted_one_is_due_at_once(world: World) -> None:
    """Its times are the store's, not the document's own, and its timeline begins."""
    created = await world.create()
    world.clock.advance(5)
    copy = created.model_copy(update={"id": PydanticObjectId(), "timeline": []})
    stored = await world.engine.store.insert(copy)
    assert stored is not None
    now = world.clock.now()
    assert (stored.created_at, stored.updated_at, stored.due_at) == (now, now, now)
    assert [(one.at, one.kind, one.status) for one in stored.timeline] == [
        (now, FinetuningEventKind.CREATED, FinetuningStatus.QUEUED)
    ]


async def test_another_tenants_request_changes_nothing(world: World) -> None:
    """It finds nothing, and records neither a cancel nor a deletion nor a new alias."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    before = await raw(world, held)
    assert await store.find(held.id, scope=OTHER) is None
    assert await store.request_cancel(held.id, scope=OTHER, request=ASKED, token="t") is None
    assert await store.request_delete(held.id, scope=OTHER, requested_by="eve", token="t") is None
    assert await store.update(held.id, scope=OTHER, fields={"alias": "x"}, updated_by="eve") is None
    assert await raw(world, held) == before


async def test_a_deletion_records_a_cancel_too(world: World) -> None:
    """One write wants the job stopped and the finetuning gone; its holder keeps the lease."""
    held = await held_at(world, Stage.ATTACHED)
    asked = await world.engine.store.request_delete(
        held.id, scope=TenantScope.of(held), requested_by="ada", token="other"
    )
    assert asked is not None
    assert asked.cancellation is not None
    assert (asked.wanted, asked.cancellation.requested_by) == (Wanted.DELETE, "ada")
    assert asked.deletion == Deletion(requested_at=world.clock.now(), requested_by="ada")
    assert asked.lease == held.lease


async def test_a_deleted_one_takes_no_request(world: World) -> None:
    """It is missing for every request, but a repeated deletion is answered."""
    store, created = world.engine.store, await world.create()
    scope, now = TenantScope.of(created), world.clock.now()
    gone = {"deletion": {"requested_at": now, "deleted_at": now}, "status": "cancelled", "wanted": "delete"}
    await world.database["finetunings"].update_one({"_id": created.id}, {"$set": gone})
    assert await store.find(created.id, scope=scope) is None
    assert await store.request_cancel(created.id, scope=scope, request=ASKED, token="t") is None
    assert await store.update(created.id, scope=scope, fields={"alias": "x"}, updated_by=None) is None
    again = await store.request_delete(created.id, scope=scope, requested_by="bob", token="t")
    assert again is not None
    assert again.deletion == Deletion(requested_at=now, deleted_at=now)


async def test_an_update_sets_its_fields_and_says_so(world: World) -> None:
    """The holder goes on undisturbed, and the timeline names the fields and the actor."""
    held = await held_at(world, Stage.MARKED)
    world.clock.advance(1)
    fields = {"alias": "$status", "metadata": {"a": "$b"}}
    updated = await world.engine.store.update(
        held.id, scope=TenantScope.of(held), fields=fields, updated_by="ada"
    )
    assert updated is not None
    assert (updated.alias, updated.metadata) == ("$status", {"a": "$b"})
    assert (updated.lease, updated.version, updated.updated_at) == (
        held.lease,
        held.version + 1,
        world.clock.now(),
    )
    entry = updated.timeline[-1]
    assert (entry.kind, entry.actor, entry.message) == ("updated", "ada", "alias, metadata")
