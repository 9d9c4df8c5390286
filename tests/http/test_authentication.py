"""Who comes in, over every transport, and for how long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import ConnectionClosed

from graphql_api.access.key_format import Key
from graphql_api.documents import ObjectId
from graphql_api.rate_limits import Budget, Counts
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.tenancy import TenantScope
from tests.http.graphql.websocket_client import ACK, asked, closed, heard, say, socket_to, subscribe
from tests.http.guarded import DEFAULT, Guarded, guarded_server
from tests.world import World

VIEWER = "{ viewer { tenant subject scopes } }"
FOLLOW = "subscription { finetuningUpdated { id } }"


@pytest.fixture
async def guarded(world: World) -> AsyncIterator[Guarded]:
    """Yield a server that wants keys."""
    async with guarded_server(world) as server:
        yield server


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/graphql"),
        ("GET", "/graphql?query={__typename}"),
        ("GET", "/schema.graphql"),
        ("GET", "/metrics"),
        ("POST", "/api/v1/finetunings/0123456789abcdef01234567/cancel"),
        ("GET", "/nothing/here"),
    ],
)
async def test_nobody_comes_in_without_a_key(guarded: Guarded, method: str, path: str) -> None:
    """Each answer names the scheme that would do; what does not exist is not told apart."""
    answer = await guarded.http.request(method, path, json={"query": "{ __typename }"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "UNAUTHENTICATED" in answer.text


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz"])
async def test_health_needs_no_key(guarded: Guarded, path: str) -> None:
    """An orchestrator has none."""
    assert (await guarded.http.get(path)).status_code == 200


async def test_graphiqls_page_needs_no_key(guarded: Guarded) -> None:
    """A browser cannot send one before it has the page; the page says nothing of the data."""
    assert (await guarded.http.get("/graphql", headers={"accept": "text/html"})).status_code == 200


async def test_a_key_is_its_caller(guarded: Guarded) -> None:
    """The viewer is what the key was made for."""
    key = await guarded.key(Scope.FINETUNINGS_READ, tenant=TenantScope("acme"))
    assert (await guarded.ask(VIEWER, key)).json() == {
        "data": {"viewer": {"tenant": "acme", "subject": "ci", "scopes": ["finetunings:read"]}}
    }


@pytest.mark.parametrize(
    ("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 403)]
)
async def test_a_missing_scope_is_named(guarded: Guarded, accept: str, status: int) -> None:
    """Before anything runs: the mutation beside it has done nothing."""
    key = await guarded.key(Scope.GOLDEN_RECORDS_WRITE)
    create = 'createDbConnection(input: {alias: "a", dialect: "postgres", tableSchemas: ["t"]}) { id }'
    answer = await guarded.ask(
        f"mutation {{ {create} cancelFinetunings(finetuningIds: []) {{ count }} }}", key, accept=accept
    )
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "field": "Mutation.cancelFinetunings",
        "requiredScopes": [["finetunings:cancel"]],
    }
    everything = await guarded.key(*ALL_SCOPES)
    listed = await guarded.ask("{ dbConnections { nodes { id } } }", everything)
    assert listed.json() == {"data": {"dbConnections": {"nodes": []}}}


async def test_the_rest_cancel_wants_its_scope(guarded: Guarded, world: World) -> None:
    """And with it, cancels."""
    created = await world.create()
    path = f"/api/v1/finetunings/{created.id}/cancel"
    reader, canceller = await guarded.key(Scope.FINETUNINGS_READ), await guarded.key(Scope.FINETUNINGS_CANCEL)
    refused = await guarded.http.post(path, json={}, headers={"authorization": f"Bearer {reader.text}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert (await world.read(created)).cancellation is None
    done = await guarded.http.post(path, json={}, headers={"authorization": f"Bearer {canceller.text}"})
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")


async def test_a_socket_takes_the_key_of_its_introduction_or_of_its_header(guarded: Guarded) -> None:
    """Browsers cannot set headers on a WebSocket."""
    key = await guarded.key(Scope.FINETUNINGS_READ)
    bearer = f"Bearer {key.text}"
    expected = [{"data": {"viewer": {"subject": "ci"}}}, None]
    async with socket_to(guarded.address) as socket:
        await say(socket, {"type": "connection_init", "payload": {"Authorization": bearer}})
        assert await heard(socket) == ACK
        assert await asked(socket, "{ viewer { subject } }") == expected
    async with socket_to(guarded.address, additional_headers={"Authorization": bearer}) as socket:
        await say(socket, {"type": "connection_init"})
        assert await heard(socket) == ACK
        assert await asked(socket, "{ viewer { subject } }") == expected


@pytest.mark.parametrize(
    "payload", [None, {}, {"Authorization": "Bearer ftk_nonsense"}, {"Authorization": 1}]
)
async def test_a_socket_without_a_key_is_closed(guarded: Guarded, payload: object) -> None:
    """With 4403, after which clients ask for a fresh credential and come back."""
    async with socket_to(guarded.address) as socket:
        await say(socket, {"type": "connection_init", "payload": payload})
        assert await closed(socket) == (4403, "Forbidden")


async def test_a_revoked_key_closes_its_socket(guarded: Guarded) -> None:
    """The subscription on it ends with it; another key's stays."""
    key, other = await guarded.key(Scope.FINETUNINGS_READ), await guarded.key(Scope.FINETUNINGS_READ)
    async with socket_to(guarded.address) as socket, socket_to(guarded.address) as beside:
        for each, its in ((socket, key), (beside, other)):
            await say(each, {"type": "connection_init", "payload": {"Authorization": f"Bearer {its.text}"}})
            assert await heard(each) == ACK
            await subscribe(each, FOLLOW)
        await guarded.keys.revoke(ObjectId(key.id), scope=DEFAULT)
        assert await closed(socket) == (4403, "Forbidden")
        await say(beside, {"type": "ping"})
        assert await heard(beside) == {"type": "pong"}


async def test_a_revoked_key_ends_its_event_stream(guarded: Guarded) -> None:
    """Without a completion, so that clients connect again, and are refused."""
    key = await guarded.key(Scope.FINETUNINGS_READ)
    headers = {"authorization": f"Bearer {key.text}", "accept": "text/event-stream"}
    body = {"query": FOLLOW}
    async with guarded.http.stream("POST", "/graphql", json=body, headers=headers) as stream:
        chunks = stream.aiter_bytes()
        assert await anext(chunks) == b":\n\n"
        await guarded.keys.revoke(ObjectId(key.id), scope=DEFAULT)
        rest = [chunk async for chunk in chunks]
    assert b"complete" not in b"".join(rest)
    assert (await guarded.http.post("/graphql", json=body, headers=headers)).status_code == 401


LIVES_S = (1, 4, 16, 64)
"""The lives of keys that expire: a machine too busy for one takes the next."""


async def soon_ending(guarded: Guarded, seconds: float) -> Key:
    """Return a new key with an end in so many seconds."""
    ends = datetime.now(UTC) + timedelta(seconds=seconds)
    read = frozenset({Scope.FINETUNINGS_READ})
    key, _ = await guarded.keys.issue(scope=DEFAULT, name="ci", scopes=read, expires_at=ends)
    return key


async def test_an_expired_key_closes_its_socket(guarded: Guarded) -> None:
    """With 4403, by the server's timer."""
    for life_s in LIVES_S:
        key = await soon_ending(guarded, life_s)
        async with socket_to(guarded.address) as socket:
            with suppress(ConnectionClosed):
                given = {"Authorization": f"Bearer {key.text}"}
                await say(socket, {"type": "connection_init", "payload": given})
                assert await heard(socket) == ACK
                await subscribe(socket, FOLLOW)
                assert await closed(socket) == (4403, "Forbidden")
                return
    pytest.fail("no socket was opened in time")


async def test_an_expired_key_ends_its_event_stream(guarded: Guarded) -> None:
    """Without a completion, as a revoked one does."""
    for life_s in LIVES_S:
        key = await soon_ending(guarded, life_s)
        headers = {"authorization": f"Bearer {key.text}", "accept": "text/event-stream"}
        async with guarded.http.stream("POST", "/graphql", json={"query": FOLLOW}, headers=headers) as stream:
            if stream.status_code == 200:
                told = b"".join([chunk async for chunk in stream.aiter_bytes()])
                assert told.replace(b":\n\n", b"") == b""
                return
    pytest.fail("no stream was opened in time")


async def test_an_admin_makes_lists_and_revokes_keys(guarded: Guarded) -> None:
    """The secret is in the answer of the making alone."""
    admin = await guarded.key(Scope.ADMIN)
    create = (
        'createApiKey(input: {name: "new", scopes: ["finetunings:read"]}) { key apiKey { id name scopes } }'
    )
    made = (await guarded.ask(f"mutation {{ {create} }}", admin)).json()["data"]["createApiKey"]
    key = Key.parse(made["key"])
    assert made["apiKey"] == {"id": key.id, "name": "new", "scopes": ["finetunings:read"]}
    assert (await guarded.ask("{ viewer { subject } }", key)).json() == {
        "data": {"viewer": {"subject": "new"}}
    }
    listed = await guarded.ask("{ apiKeys { nodes { id name revokedAt } } }", admin)
    nodes = listed.json()["data"]["apiKeys"]["nodes"]
    assert [node["id"] for node in nodes] == [key.id, admin.id]
    assert key.text[29:] not in listed.text
    revoke = f'mutation {{ revokeApiKey(apiKeyId: "{key.id}") {{ revokedAt }} }}'
    assert (await guarded.ask(revoke, admin)).json()["data"]["revokeApiKey"]["revokedAt"] is not None
    assert (await guarded.ask(VIEWER, key)).status_code == 401


async def test_keys_of_another_tenant_are_missing_ones(guarded: Guarded) -> None:
    """They are not listed, and cannot be revoked."""
    theirs = await guarded.key(Scope.FINETUNINGS_READ, tenant=TenantScope("other"))
    admin = await guarded.key(Scope.ADMIN)
    nodes = (await guarded.ask("{ apiKeys { nodes { id } } }", admin)).json()["data"]["apiKeys"]["nodes"]
    assert nodes == [{"id": admin.id}]
    refusals = [
        await guarded.ask(f'mutation {{ revokeApiKey(apiKeyId: "{one}") {{ id }} }}', admin)
        for one in (theirs.id, "0" * 24)
    ]
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in refusals]
    assert codes == ["API_KEY_NOT_FOUND"] * 2
    assert (await guarded.ask(VIEWER, theirs)).status_code == 200


async def test_a_flood_of_unknown_keys_costs_one_read_at_a_time(guarded: Guarded) -> None:
    """All who wait share one look at the database."""
    answers = await asyncio.gather(*(guarded.ask(VIEWER, Key.new()) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {401}


@pytest.fixture
async def strict(world: World) -> AsyncIterator[Guarded]:
    """Yield a server that takes three wrong credentials a minute from an address, on a clock at rest."""
    failures = Budget.of("3/minute", Counts(now=lambda: 6_000), kind="failures")
    async with guarded_server(world, failures=failures) as server:
        yield server


async def test_after_too_many_wrong_keys_an_address_has_to_wait(strict: Guarded, world: World) -> None:
    """On every way in, with the seconds to wait; a key at work still passes, and health needs none."""
    created, known = await world.create(), await strict.key(*ALL_SCOPES)
    stored_later = Key.new()
    for _ in range(3):
        assert (await strict.ask(VIEWER, Key.new())).status_code == 401
    bearer = {"authorization": f"Bearer {stored_later.text}"}
    for accept in ("application/json", "application/graphql-response+json", "text/event-stream"):
        refused = await strict.ask(VIEWER, stored_later, accept=accept)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "80")
        assert refused.json() == {
            "errors": [
                {
                    "message": "Too many wrong credentials came from this address; try again in 80 s.",
                    "extensions": {"code": "RATE_LIMITED", "retryAfter": 80},
                }
            ]
        }
    cancel = await strict.http.post(f"/api/v1/finetunings/{created.id}/cancel", json={}, headers=bearer)
    assert (cancel.status_code, cancel.headers["retry-after"]) == (429, "80")
    assert (cancel.json()["code"], cancel.json()["retry_after"]) == ("RATE_LIMITED", 80)
    assert (await world.read(created)).cancellation is None
    async with socket_to(
        strict.address, additional_headers={"Authorization": bearer["authorization"]}
    ) as socket:
        await say(socket, {"type": "connection_init"})
        assert await closed(socket) == (4403, "Forbidden")
    assert (await strict.ask(VIEWER, known)).status_code == 200
    assert (await strict.http.get("/livez", headers=bearer)).status_code == 200
    assert (await strict.ask(VIEWER)).status_code == 401
