"""Answers are compressed if this pays.

The client has to accept it.
"""

import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from graphql_api.http.middleware import outer_middleware
from graphql_api.http.wire.budget import Budget

AROUND = outer_middleware(hosts=["app"], largest_body_bytes=1, bodies=Budget(1), cors_origins=())
INTROSPECTION = {"query": "{ __schema { types { name description fields { name description } } } }"}


@pytest.mark.parametrize("refusal", ["identity", "br, gzip;q=0"])
async def test_a_large_answer_is_compressed(http: httpx2.AsyncClient, refusal: str) -> None:
    """To a fraction, if the client does not refuse it; caches learn that it depends on the request."""
    plain = await http.post("/graphql", json=INTROSPECTION, headers={"accept-encoding": refusal})
    small = await http.post("/graphql", json=INTROSPECTION, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.content == plain.content
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    for response in (plain, small):
        assert {one.strip() for one in response.headers["vary"].split(",")} == {"Accept", "Accept-Encoding"}


async def test_a_small_answer_is_sent_as_it_is(http: httpx2.AsyncClient) -> None:
    """It would not arrive any sooner."""
    response = await http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept-encoding": "gzip"}
    )
    assert "content-encoding" not in response.headers


async def ticks() -> AsyncIterator[bytes]:
    """Yield events."""
    for n in range(200):
        yield f"event: next\ndata: {n}\n\n".encode()


@pytest.mark.parametrize(("media_type", "encoding"), [("text/event-stream", None), ("text/plain", "gzip")])
async def test_an_event_stream_is_not_compressed(media_type: str, encoding: str | None) -> None:
    """Its events would wait for each other; nor is anything already compressed."""

    def stream(_: Request) -> Response:
        return StreamingResponse(ticks(), media_type=media_type)

    app = Starlette(routes=[Route("/", stream)], middleware=AROUND)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app") as http:
        response = await http.get("/", headers={"accept-encoding": "gzip"})
    assert response.headers.get("content-encoding") == encoding


async def test_what_is_compressed_is_not_compressed_again() -> None:
    """For example GraphiQL's files."""

    def stored(_: Request) -> Response:
        return Response(gzip.compress(b"x" * 1_000_000), headers={"content-encoding": "gzip"})

    app = Starlette(routes=[Route("/", stored)], middleware=AROUND)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app") as http:
        response = await http.get("/", headers={"accept-encoding": "gzip"})
    assert response.headers.get_list("content-encoding") == ["gzip"]
    assert response.content == b"x" * 1_000_000
