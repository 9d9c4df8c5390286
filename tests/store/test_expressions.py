"""Expressions, as MongoDB works them out.

Text stays text.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exploration.samples import DATASET, job
from graphql_api.documents import MOST_ENTRIES, CancellationPhase, FinetuningEventKind, FinetuningStatus
from graphql_api.store.database import Database
from graphql_api.store.expressions import (
    IS_LIVE,
    NEXT_VERSION,
    Expression,
    appended,
    changes,
    event,
    every,
    including,
    incremented,
    is_null,
    later,
    literal,
    merged,
    one_of,
)
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.intent import CancelRequest
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.tenancy import TenantScope
from tests.world import World

AT = datetime(2026, 1, 1, tzinfo=UTC)
STRANGE: Any = {"$alias": "$alias", "a.b": "$$NOW", "$set": "$cancellation", "$$ROOT": "{$literal: 1}"}


async def test_strings_from_outside_are_stored_verbatim(world: World) -> None:
    """A text like a field path or an operator is text, in values and in keys."""
    store = FinetuningStore(
        LeasedFinetunings(world.database["finetunings"], owner="$alias", lease_s=60, now=world.clock.now)
    )
    created = await world.create(alias="$tenant", metadata=STRANGE, idempotency_key="$alias")
    held = await store.claim(created.id, token="$alias")
    assert held is not None
    assert (held.alias, held.metadata) == ("$tenant", STRANGE)
    assert held.idempotency is not None
    assert held.idempotency.key == "$alias"
    assert held.lease is not None
    assert (held.lease.owner, held.lease.token) == ("$alias", "$alias")

    held = await store.freeze_dataset(held, DATASET.model_copy(update={"sha256": "$alias"})) or held
    held = await store.attach_file(held, "$file.id") or held
    held = await store.mark_submitting(held) or held
    held = await store.attach_job(held, job("$job.id", model_id="$alias")) or held
    request = CancelRequest(metadata={"$x": "$alias", "c.d": "$$NOW"}, requested_by="$alias")
    asked = await store.request_cancel(held.id, scope=TenantScope.of(held), request=request, token="$other")
    assert asked is not None
    after = await store.close(
        asked,
        FinetuningStatus.CANCELLED,
        error="$alias",
        job=job("$job.id", model_id="$alias"),
        phase=CancellationPhase.CONFIRMED,
    )
    assert after is not None
    assert after.dataset is not None
    assert after.cancellation is not None
    assert after.dataset.sha256 == "$alias"
    assert (after.finetuning_file_id, after.finetuning_job_id) == ("$file.id", "$job.id")
    assert (after.model_id, after.error) == ("$alias", "$alias")
    assert after.cancellation.metadata == request.metadata
    assert after.cancellation.requested_by == "$alias"
    assert after.metadata == {**STRANGE, "$x": "$alias", "c.d": "$$NOW"}
    messages = [event.message for event in after.timeline]
    assert messages[-5:] == ["$file.id", None, "$job.id", None, "$alias"]


async def worked_out(database: Database, document: dict[str, Any], expression: Expression) -> Any:
    """Return the value of the expression for this document, as MongoDB works it out."""
    things = database["expressions"]
    await things.insert_one(document)
    (found,) = await (await things.aggregate([{"$project": {"value": expression}}])).to_list()
    await things.delete_many({})
    return found.get("value")


@pytest.mark.parametrize(
    ("document", "expression", "value"),
    [
        ({"n": 2}, incremented("n"), 3),
        ({"list": ["a"]}, including("list", "b"), ["a", "b"]),
        ({"list": ["a", "b"]}, including("list", "b"), ["a", "b"]),
        ({}, including("list", "b"), ["b"]),
        ({"map": {"a": "1", "b": "2"}}, merged("map", {"b": "$a"}), {"a": "1", "b": "$a"}),
        ({"map": None}, merged("map", {"b": "3"}), {"b": "3"}),
        ({"map": None}, merged("map", {}), None),
        ({"map": {"a": "1"}}, merged("map", None), {"a": "1"}),
        ({"at": AT}, later("$at", 1.5), AT + timedelta(seconds=1.5)),
        ({"at": AT}, later("$at", -0.001), AT - timedelta(milliseconds=1)),
        ({"f": None}, is_null("f"), True),
        ({"f": 0}, is_null("f"), False),
        ({"status": "running"}, IS_LIVE, True),
        ({"status": "failed"}, IS_LIVE, False),
        ({"version": 4}, NEXT_VERSION, 5),
        ({}, NEXT_VERSION, 1),
        ({"a": True, "b": False}, every("$a", "$b"), False),
        ({}, literal({"a": ["$b", FinetuningStatus.QUEUED]}), {"a": ["$b", "queued"]}),
    ],
)
async def test_mongodb_works_it_out(
    database: Database, document: dict[str, Any], expression: Expression, value: object
) -> None:
    """Missing fields, null, and text that looks like a field."""
    assert await worked_out(database, document, expression) == value


@pytest.mark.parametrize(("condition", "kept"), [(True, {"a": 9, "b": None}), (False, {"a": 1, "b": 2})])
async def test_a_change_is_made_on_its_condition(
    database: Database, condition: bool, kept: dict[str, Any]
) -> None:
    """Otherwise every field keeps its value."""
    fields = changes(condition, {"a": literal(9), "b": None})
    assert await worked_out(database, {"a": 1, "b": 2}, fields) == kept


async def test_a_field_with_one_of_several_texts_is_found(database: Database) -> None:
    """Also inside a list; null and numbers are never meant."""
    things = database["expressions"]
    values = ["a", "b", "c", ["x", "b"], None, 1]
    await things.insert_many([{"_id": number, "f": value} for number, value in enumerate(values)])
    found = await things.find({"f": one_of(["a", "b"])}).to_list()
    await things.delete_many({})
    assert [one["_id"] for one in found] == [0, 1, 3]


@pytest.mark.parametrize(
    ("kind", "status", "entries"),
    [
        (FinetuningEventKind.PROVIDER_FAULT, None, MOST_ENTRIES),
        (FinetuningEventKind.STATUS_CHANGED, FinetuningStatus.RUNNING, MOST_ENTRIES),
        (FinetuningEventKind.STATUS_CHANGED, FinetuningStatus.FAILED, MOST_ENTRIES + 1),
        (FinetuningEventKind.CANCEL_REQUESTED, None, MOST_ENTRIES + 1),
    ],
)
async def test_a_full_timeline_takes_what_comes_once(
    database: Database, kind: FinetuningEventKind, status: FinetuningStatus | None, entries: int
) -> None:
    """A kind with repetitions needs room, and an entry with a failing condition is not appended."""
    new = event(AT, kind, status=status)
    full = {"timeline": [{"kind": "updated"}] * MOST_ENTRIES}
    fields = appended((True, new), (False, new))
    assert len(await worked_out(database, full, fields["timeline"])) == entries
