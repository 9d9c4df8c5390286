"""The layers around every request bound its body."""

import json
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from graphql_api.http.middleware import BodyLimit
from graphql_api.http.wire.budget import FREE_BYTES, Budget
from tests.http.conftest import SETTINGS, client_of
from tests.world import World

LIMIT = SETTINGS.max_body_bytes
CANCEL_URL = "/api/v1/finetunings/65f0c0ffee65f0c0ffee65f0/cancel"
TOO_LARGE = f"The body must have at most {LIMIT} bytes."
JSON = {"content-type": "application/json"}


async def chunks(size_bytes: int) -> AsyncIterator[bytes]:
    """Yield a JSON body of this size, without announcing it."""
    yield b"{}"
    for start in range(2, size_bytes, 100_000):
        yield b" " * min(100_000, size_bytes - start)


async def test_a_large_body_is_refused_by_rest(world: World) -> None:
    """Announced or not, it is not read to its end."""
    async with client_of(world) as http:
        announced = await http.post(CANCEL_URL, content=b"{}" + b" " * (LIMIT - 1), headers=JSON)
        arriving = await http.post(CANCEL_URL, content=chunks(LIMIT + 1), headers=JSON)
    for response in (announced, arriving):
        assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
        assert (response.json()["code"], response.json()["detail"]) == ("CONTENT_TOO_LARGE", TOO_LARGE)
        assert response.headers["X-Request-Id"]


async def test_a_large_body_is_refused_by_graphql(world: World) -> None:
    """In GraphQL's own error format."""
    async with client_of(world) as http:
        announced = await http.post("/graphql", content=b"{}" + b" " * (LIMIT - 1), headers=JSON)
        arriving = await http.post("/graphql", content=chunks(LIMIT + 1), headers=JSON)
    for response in (announced, arriving):
        assert response.status_code == 413
        assert response.json() == {
            "errors": [{"message": TOO_LARGE, "extensions": {"code": "CONTENT_TOO_LARGE"}}]
        }


async def test_a_body_of_the_largest_size_is_read(world: World) -> None:
    """The limit is inclusive, announced or not."""
    query = json.dumps({"query": "{ __typename }"}).encode()
    async with client_of(world) as http:
        announced = await http.post("/graphql", content=query.ljust(LIMIT), headers=JSON)
        arriving = await http.post(CANCEL_URL, content=chunks(LIMIT), headers=JSON)
    assert announced.json() == {"data": {"__typename": "Query"}}
    assert arriving.json()["code"] == "FINETUNING_NOT_FOUND"


@pytest.mark.parametrize("size_bytes", [FREE_BYTES + 2, LIMIT])
async def test_a_large_body_without_room_in_the_budget_is_to_come_again(
    world: World, size_bytes: int
) -> None:
    """In the format of its endpoint; a small one gets in."""
    query = json.dumps({"query": "{ __typename }"}).encode()
    async with client_of(world, max_bodies_bytes=1) as http:
        graphql = await http.post("/graphql", content=query.ljust(size_bytes), headers=JSON)
        rest = await http.post(CANCEL_URL, content=chunks(size_bytes), headers=JSON)
        small = await http.post("/graphql", content=query.ljust(FREE_BYTES), headers=JSON)
    for refused in (graphql, rest):
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert graphql.json()["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE"}
    assert rest.json()["code"] == "SERVICE_UNAVAILABLE"
    assert small.json() == {"data": {"__typename": "Query"}}


async def test_a_client_alone_does_not_fill_the_budget() -> None:
    """It has half, by its address; an IPv6 client by its /64."""
    budget = Budget(1_000)
    refused: list[tuple[str, int]] = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        await receive()
        if clients:
            await ask(clients.pop(0))

    async def ask(address: str) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": bytes(FREE_BYTES + 300), "more_body": False}

        try:
            await layer({"type": "http", "client": (address, 1)}, receive, receive)  # type: ignore[arg-type] # unused
        except HTTPException as full:
            refused.append((address, full.status_code))

    layer = BodyLimit(app, largest_bytes=LIMIT, budget=budget)
    clients = ["2001:db8::1", "10.0.0.1", "2001:db8::2"]
    await ask(clients.pop(0))
    assert refused == [("2001:db8::2", 503)]
    assert budget.used == 0


async def test_a_body_is_in_the_budget_until_its_request_ends() -> None:
    """It is in memory for as long, however its request ends."""
    used = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        while (message := await receive())["more_body"]:
            used.append(budget.used)
        used.append(budget.used)
        if message["body"] == b"!":
            raise ConnectionError

    async def receive() -> Message:
        return parts.pop(0)

    async def send(_: Message) -> None:
        """Answer nobody."""

    budget = Budget(LIMIT)
    layer = BodyLimit(app, largest_bytes=LIMIT, budget=budget)
    for last, failure in ((b".", nullcontext()), (b"!", pytest.raises(ConnectionError))):
        parts = [
            {"type": "http.request", "body": bytes(FREE_BYTES + 5), "more_body": True},
            {"type": "http.request", "body": last, "more_body": False},
        ]
        with failure:
            await layer({"type": "http"}, receive, send)
        assert budget.used == 0
    assert used == [5, 6, 5, 6]
