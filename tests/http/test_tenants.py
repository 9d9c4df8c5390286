"""Another tenant's things over HTTP: missing ones on every way in, and in none of the server's own work."""

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from beanie import PydanticObjectId

from graphql_api.access.key_format import Key
from graphql_api.caller import ANONYMOUS
from graphql_api.documents import Finetuning
from graphql_api.sandbox.openai.training import Durations
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.database import Database
from graphql_api.tenancy import TenantScope
from graphql_api.upkeep.sweep import Verdict
from tests.http.graphql.websocket_client import ACK, asked, heard, say, socket_to
from tests.http.guarded import Guarded, guarded_server
from tests.http.test_webhooks import deliver, event, receiver_of
from tests.stages import raw
from tests.upkeep.test_sweep import stray, swept
from tests.watched import Watcher
from tests.world import World

BOLT = TenantScope("bolt")
MINE = "query Mine { finetunings { nodes { id } } }"


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


@pytest.fixture
def acme(world: World) -> World:
    """Return the world of the other tenant, with jobs without an end of their own."""
    world.sandbox.account.durations = Durations(running_s=10**7)
    return replace(world, caller=replace(ANONYMOUS, tenant="acme", subject="acme-ann"))


@pytest.fixture
async def guarded(world: World) -> AsyncIterator[Guarded]:
    """Yield a server that wants keys, and keeps documents by their hashes."""
    async with guarded_server(world, persisted_queries="automatic") as server:
        yield server


def bearer(key: Key) -> dict[str, str]:
    """Return the header with the key."""
    return {"authorization": f"Bearer {key.text}"}


def told(answer: httpx2.Response, *hidden: str) -> tuple[int, dict[str, str], bytes]:
    """Return the whole answer, without the id that was asked for and the request's own."""
    content = answer.content
    for word in (*hidden, answer.headers["x-request-id"]):
        content = content.replace(word.encode(), b"?")
    own = {"date", "x-request-id"}
    return answer.status_code, {k: v for k, v in answer.headers.items() if k not in own}, content


async def test_the_rest_cancel_of_another_tenants_finetuning_is_that_of_none(
    guarded: Guarded, acme: World, watcher: Watcher
) -> None:
    """The same status, headers, bytes and commands; and the training goes on."""
    training = await acme.created_and_training()
    key = await guarded.key(*ALL_SCOPES, tenant=BOLT)
    before, answers = await raw(acme, training), []
    for one in (str(training.id), str(PydanticObjectId())):
        watcher.seen.clear()
        answer = await guarded.http.post(f"/api/v1/finetunings/{one}/cancel", json={}, headers=bearer(key))
        answers.append((told(answer, one), list(watcher.seen)))
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 404
    assert answers[0][1] == [("findAndModify", "finetunings")]
    assert await raw(acme, training) == before
    assert acme.calls("jobs.cancel") == 0


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_graphql_answer_over_http_is_that_of_none(guarded: Guarded, acme: World, accept: str) -> None:
    """To the byte, headers included."""
    training = await acme.created_and_training()
    key = await guarded.key(*ALL_SCOPES, tenant=BOLT)
    answers = []
    for one in (str(training.id), str(PydanticObjectId())):
        cancel = f'mutation {{ cancelFinetuning(finetuningId: "{one}") {{ id }} }}'
        answers.append(told(await guarded.ask(cancel, key, accept=accept), one))
    assert answers[0] == answers[1]
    assert b"FINETUNING_NOT_FOUND" in answers[0][2]


FOLLOW = (
    'subscription {{ finetuningUpdated(finetuningId: "{}") {{ id }} }}',
    'subscription {{ finetuningEvents(finetuningId: "{}") {{ cursor }} }}',
)


@pytest.mark.parametrize("follow", FOLLOW)
async def test_a_stream_of_another_tenants_finetuning_is_that_of_none(
    guarded: Guarded, acme: World, follow: str
) -> None:
    """Over a WebSocket and as an event stream."""
    training = await acme.created_and_training()
    key = await guarded.key(*ALL_SCOPES, tenant=BOLT)
    streams, sockets = [], []
    for one in (str(training.id), str(PydanticObjectId())):
        streams.append(told(await guarded.ask(follow.format(one), key, accept="text/event-stream"), one))
        async with socket_to(guarded.address, additional_headers=bearer(key)) as socket:
            await say(socket, {"type": "connection_init"})
            assert await heard(socket) == ACK
            sockets.append(str(await asked(socket, follow.format(one))).replace(one, "?"))
    assert streams[0] == streams[1]
    assert sockets[0] == sockets[1]
    assert b"FINETUNING_NOT_FOUND" in streams[0][2]
    assert "FINETUNING_NOT_FOUND" in sockets[0]


async def test_a_kept_document_is_the_text_alone(guarded: Guarded, acme: World) -> None:
    """Whoever sends its hash gets its own data, or is refused for its own scopes."""
    training = await acme.created_and_training()
    theirs = await guarded.key(*ALL_SCOPES, tenant=TenantScope("acme"))
    mine = await guarded.key(*ALL_SCOPES, tenant=BOLT)
    limited = await guarded.key(Scope.GOLDEN_RECORDS_READ, tenant=BOLT)
    named = {
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(MINE.encode()).hexdigest()}}
    }

    async def ask(key: Key, **given: object) -> Any:
        answer = await guarded.http.post("/graphql", json={**named, **given}, headers=bearer(key))
        return answer.json()

    kept = await ask(theirs, query=MINE)
    assert kept == {"data": {"finetunings": {"nodes": [{"id": str(training.id)}]}}}
    assert await ask(mine) == {"data": {"finetunings": {"nodes": []}}}
    refused = await ask(limited)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "data" not in refused or refused["data"] is None


async def test_the_metrics_name_no_tenant(guarded: Guarded, acme: World) -> None:
    """No name, subject, key or id of anybody is a label, after work by two tenants."""
    theirs = await guarded.key(*ALL_SCOPES, tenant=TenantScope("acme"))
    mine = await guarded.key(*ALL_SCOPES, tenant=BOLT)
    training = await acme.created_and_training()
    for key in (theirs, mine):
        await guarded.ask(MINE, key)
        await guarded.ask("{ nothing }", key)
        path = f"/api/v1/finetunings/{training.id}/cancel"
        await guarded.http.post(path, json={}, headers=bearer(key))
    shown = (await guarded.http.get("/metrics", headers=bearer(mine))).text
    assert 'graphql_operations_total{operation="Mine"} 2.0' in shown
    stored = await raw(acme, training)
    job, file = str(stored["finetuning_job_id"]), str(stored["finetuning_file_id"])
    words = ("acme", "bolt", "ann", theirs.id, mine.id, str(training.id), str(training.db_connection_id))
    assert [word for word in (*words, job, file) if word in shown] == []


async def test_a_webhook_is_of_one_tenants_job(acme: World, world: World) -> None:
    """It makes that job's finetuning due and no other; its answer is that for a job that nobody has."""
    theirs = await acme.created_and_training()
    bolt = replace(world, caller=replace(ANONYMOUS, tenant="bolt"))
    mine = await bolt.created_and_training()
    before = await raw(bolt, mine)
    async with receiver_of(world) as http:
        known = await deliver(http, event(theirs.finetuning_job_id))
        unknown = await deliver(http, event("ftjob-nobodys"))
    assert told(known) == told(unknown)
    assert (await raw(acme, theirs))["hinted_at"] is not None
    assert await raw(bolt, mine) == before


async def test_the_sweep_judges_a_job_by_its_own_tenants_finetuning(acme: World, world: World) -> None:
    """A second job of one tenant is stopped and told to that tenant; the other's document stays as it is."""
    theirs = await acme.created_and_training()
    bolt = replace(world, caller=replace(ANONYMOUS, tenant="bolt"))
    mine = await bolt.created_and_training()
    second, before = stray(world, theirs.id), await raw(bolt, mine)
    assert await swept(world) == {Verdict.OWNED: 2, Verdict.ORPHAN: 1}
    assert {job.id for job in world.live_jobs()} == {theirs.finetuning_job_id, mine.finetuning_job_id}
    stored = await Finetuning.get(theirs.id)
    assert stored is not None
    assert stored.orphaned_jobs == [second.id]
    assert await raw(bolt, mine) == before
