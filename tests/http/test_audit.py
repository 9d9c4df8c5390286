"""Every way in leaves its entries: GraphQL over all transports, REST, and the door itself."""

from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from graphql_api.audit.log import AuditLog
from graphql_api.audit.refusals import MOST_TOLD
from graphql_api.documents import AuditEntry
from graphql_api.metrics import Metrics
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.audit_entries import AuditEntries
from tests.http.graphql.websocket_client import ACK, asked, closed, heard, say, socket_to
from tests.http.guarded import Guarded, guarded_server
from tests.world import World

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"
CANCEL = f'mutation {{ cancelFinetuning(finetuningId: "{UNKNOWN_ID}") {{ id }} }}'
LOOPBACK = "127.0.0.1"


@pytest.fixture
def audit(world: World) -> AuditLog:
    """Return the server's audit log."""
    return AuditLog(AuditEntries(world.database["audit_entries"]), metrics=Metrics())


@pytest.fixture
async def guarded(world: World, audit: AuditLog) -> AsyncIterator[Guarded]:
    """Yield a server that wants keys and keeps an audit log."""
    async with guarded_server(world, audit=audit) as server:
        yield server


async def entries(audit: AuditLog) -> list[AuditEntry]:
    """Return all entries, in the order of their making."""
    await audit.close()
    return await AuditEntry.find_all().sort("+_id").to_list()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_mutation_over_http_has_its_entry(guarded: Guarded, accept: str) -> None:
    """With the key, the address and the id that the answer has; it is stored before the answer."""
    key = await guarded.key(*ALL_SCOPES)
    answer = await guarded.ask(CANCEL, key, accept=accept)
    (entry,) = await AuditEntry.find_all().to_list()
    assert (entry.action, entry.code, entry.subject) == ("cancelFinetuning", "FINETUNING_NOT_FOUND", "ci")
    assert (entry.credential_id, entry.address) == (key.id, LOOPBACK)
    assert entry.request_id == answer.headers["x-request-id"]


async def test_a_mutation_over_a_socket_has_its_entry(guarded: Guarded) -> None:
    """With the id of its connection."""
    key = await guarded.key(*ALL_SCOPES)
    async with socket_to(guarded.address) as socket:
        await say(socket, {"type": "connection_init", "payload": {"Authorization": f"Bearer {key.text}"}})
        assert await heard(socket) == ACK
        await asked(socket, CANCEL)
        (entry,) = await AuditEntry.find_all().to_list()
    assert (entry.credential_id, entry.address, entry.code) == (key.id, LOOPBACK, "FINETUNING_NOT_FOUND")
    assert entry.request_id is not None


async def test_the_rest_cancel_has_its_entry(guarded: Guarded, world: World) -> None:
    """Carried out, refused, and forbidden."""
    created = await world.create()
    key, reader = await guarded.key(Scope.FINETUNINGS_CANCEL), await guarded.key(Scope.FINETUNINGS_READ)
    for finetuning_id, its in ((created.id, reader), (created.id, key), (UNKNOWN_ID, key), ("nothing", key)):
        path = f"/api/v1/finetunings/{finetuning_id}/cancel"
        await guarded.http.post(path, json={}, headers={"authorization": f"Bearer {its.text}"})
    assert guarded.audit is not None
    told = [
        (entry.action, entry.outcome.value, entry.code, [target.id for target in entry.targets])
        for entry in await entries(guarded.audit)
    ]
    assert told == [
        ("rest cancel", "refused", "FORBIDDEN", [str(created.id)]),
        ("rest cancel", "allowed", None, [str(created.id)]),
        ("rest cancel", "refused", "FINETUNING_NOT_FOUND", [UNKNOWN_ID]),
        ("rest cancel", "refused", "BAD_USER_INPUT", []),
    ]


async def test_forbidden_metrics_have_their_entry(guarded: Guarded, audit: AuditLog) -> None:
    """Under the endpoint's path."""
    key = await guarded.key(Scope.FINETUNINGS_READ)
    await guarded.http.get("/metrics", headers={"authorization": f"Bearer {key.text}"})
    (entry,) = await entries(audit)
    assert (entry.action, entry.code, entry.credential_id) == ("/metrics", "FORBIDDEN", key.id)


async def test_a_refused_credential_has_its_entry(guarded: Guarded, audit: AuditLog) -> None:
    """On every way in, once for each reason, and without a word of the credential."""
    wrong = "Bearer ftk_canary"
    await guarded.http.post("/graphql", json={"query": "{ viewer { tenant } }"})
    await guarded.http.post("/graphql", json={}, headers={"authorization": wrong})
    await guarded.http.get("/schema.graphql", headers={"authorization": "Basic canary"})
    async with socket_to(guarded.address) as socket:
        await say(socket, {"type": "connection_init", "payload": {"Authorization": wrong}})
        assert await closed(socket) == (4403, "Forbidden")
    found = await entries(audit)
    assert {(one.action, one.tenant, one.address, one.code) for one in found} == {
        ("authentication", None, LOOPBACK, "UNAUTHENTICATED")
    }
    assert sorted((one.reason or "")[:30] for one in found) == [
        "An API key begins with ftk_ an",
        "An API key begins with ftk_ an",
        "The header Authorization has t",
        "This server wants a credential",
    ]
    assert [one.attempts for one in found] == [1, 1, 1, 1]
    assert "canary" not in repr(found)


async def test_a_flood_of_refused_credentials_is_two_entries(guarded: Guarded, audit: AuditLog) -> None:
    """The first, and the number of the others at the end of the minute or of the server."""
    for _ in range(MOST_TOLD):
        await guarded.ask("{ viewer { tenant } }")
    assert [one.attempts for one in await entries(audit)] == [1, MOST_TOLD - 1]


async def test_a_forged_webhook_has_its_entry(world: World, audit: AuditLog) -> None:
    """It has a signature in the place of a credential."""
    secret = SecretStr("whsec_" + b64encode(b"a secret").decode())
    async with guarded_server(world, audit=audit, openai_webhook_secret=secret) as server:
        assert (await server.http.post("/webhooks/openai", content=b"{}")).status_code == 401
    (entry,) = await entries(audit)
    assert (entry.code, entry.address) == ("UNAUTHENTICATED", LOOPBACK)
    assert entry.reason == "A webhook is not signed by the provider."


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz"])
async def test_who_needs_no_credential_leaves_no_entry(guarded: Guarded, audit: AuditLog, path: str) -> None:
    """Not even with a wrong one."""
    await guarded.http.get(path)
    await guarded.http.get(path, headers={"authorization": "Bearer ftk_nonsense"})
    assert await entries(audit) == []
