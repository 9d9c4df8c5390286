"""Callers' budgets over every transport, and the answers to those who have used theirs up."""

from collections.abc import AsyncIterator

import pytest

from graphql_api.access.budgets import Budgets
from graphql_api.access.key_format import Key
from graphql_api.rate_limits import Budget, Counts
from graphql_api.scopes import ALL_SCOPES
from tests.http.graphql.websocket_client import ACK, asked, heard, say, socket_to
from tests.http.guarded import Guarded, guarded_server
from tests.schema.conftest import many
from tests.world import World

REFUSED = {
    "message": "The budget of 100 per 1 minute is used up: this takes 1; try again in 61 s.",
    "extensions": {"code": "RATE_LIMITED", "retryAfter": 61},
}
ALL = f"{{ {many(100, '__typename')} }}"


@pytest.fixture
async def server(world: World) -> AsyncIterator[Guarded]:
    """Yield a server with a hundred objects a minute for a key, twenty for cancels, on a clock at rest."""
    counts = Counts(now=lambda: 6_000)
    budgets = Budgets(
        objects=Budget.of("100/minute", counts, kind="objects"),
        cancels=Budget.of("20/minute", counts, kind="cancels"),
    )
    async with guarded_server(world, budgets=budgets) as server:
        yield server


@pytest.fixture
async def spent(server: Guarded) -> Key:
    """Return a key whose budget is used up."""
    key = await server.key(*ALL_SCOPES)
    assert (await server.ask(ALL, key)).status_code == 200
    return key


@pytest.mark.parametrize(
    "accept", ["application/json", "application/graphql-response+json", "text/event-stream"]
)
async def test_a_used_up_budget_is_429(server: Guarded, spent: Key, accept: str) -> None:
    """With the seconds to wait, in the header and in the error; another key is answered."""
    answer = await server.ask("{ __typename }", spent, accept=accept)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "61")
    assert answer.json() == {"errors": [REFUSED]}
    other = await server.key(*ALL_SCOPES)
    assert (await server.ask("{ __typename }", other)).json() == {"data": {"__typename": "Query"}}


async def test_over_a_websocket_the_operation_ends_with_an_error(server: Guarded, spent: Key) -> None:
    """And the connection stays; it has no budget of its own."""
    async with socket_to(server.address) as socket:
        bearer = {"Authorization": f"Bearer {spent.text}"}
        await say(socket, {"type": "connection_init", "payload": bearer})
        assert await heard(socket) == ACK
        for _ in range(2):
            assert await asked(socket, "{ __typename }") == [[REFUSED]]


async def test_the_operations_of_a_socket_add_up(server: Guarded) -> None:
    """Ten small ones are one large one."""
    key = await server.key(*ALL_SCOPES)
    async with socket_to(server.address) as socket:
        bearer = {"Authorization": f"Bearer {key.text}"}
        await say(socket, {"type": "connection_init", "payload": bearer})
        assert await heard(socket) == ACK
        for _ in range(10):
            assert len(await asked(socket, f"{{ {many(10, '__typename')} }}")) == 2
        assert await asked(socket, "{ __typename }") == [[REFUSED]]


async def test_cancels_have_a_reserve_over_rest(server: Guarded, spent: Key, world: World) -> None:
    """One more is done; the next one waits, and nothing has happened to it."""
    first, second = await world.create(), await world.create()
    headers = {"authorization": f"Bearer {spent.text}"}
    answers = [
        await server.http.post(f"/api/v1/finetunings/{one.id}/cancel", json={}, headers=headers)
        for one in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    refused = answers[1]
    assert (refused.headers["retry-after"], refused.headers["content-type"]) == (
        "72",
        "application/problem+json",
    )
    assert refused.json() == {
        "title": "Too Many Requests",
        "status": 429,
        "detail": "The budget of 100 per 1 minute is used up: this takes 20; try again in 72 s.",
        "code": "RATE_LIMITED",
        "retry_after": 72,
    }
    assert (await world.read(second)).cancellation is None


async def test_cancels_have_a_reserve_in_graphql(server: Guarded, spent: Key, world: World) -> None:
    """The cancel of one finetuning is done, whatever else its caller has asked for."""
    created = await world.create()
    cancel = f'mutation {{ cancelFinetuning(finetuningId: "{created.id}") {{ status }} }}'
    answer = await server.ask(cancel, spent)
    assert answer.json() == {"data": {"cancelFinetuning": {"status": "CANCELLED"}}}
    again = await server.ask(cancel.replace("cancelFinetuning", "c: cancelFinetuning"), spent)
    assert again.json() == {"data": {"c": {"status": "CANCELLED"}}}
