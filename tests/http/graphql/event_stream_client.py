"""A client of event streams with an eye on every byte."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson

from tests.http.graphql.streams import Served

STREAM = {"Accept": "text/event-stream"}
BAD_INPUT = {"code": "BAD_USER_INPUT", "argument": "thing"}
COMPLETE = b"event: complete\ndata:\n\n"
PING = b":\n\n"


@asynccontextmanager
async def client_of(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a client of the endpoint."""
    url = f"http://{server.address}"
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
        yield http


async def ask(http: httpx2.AsyncClient, query: str, **payload: Any) -> httpx2.Response:
    """Ask for a stream and read it to its end."""
    return await http.post("/graphql", json={"query": query, **payload}, headers=STREAM)


def without_pings(content: bytes) -> bytes:
    """Return a stream without its comments: they come at any time."""
    return re.sub(rb"(?m)^:\n\n", b"", content)


def events(response: httpx2.Response) -> list[Any]:
    """Return the payloads of a complete stream."""
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    *nexts, complete, rest = without_pings(response.content).split(b"\n\n")
    assert (complete + b"\n\n", rest) == (COMPLETE, b"")
    lines = [one.split(b"\n") for one in nexts]
    assert {head for head, _ in lines} <= {b"event: next"}
    return [orjson.loads(data.removeprefix(b"data: ")) for _, data in lines]


@asynccontextmanager
async def open_stream(http: httpx2.AsyncClient, query: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open a stream and yield its chunks."""
    async with http.stream("POST", "/graphql", json={"query": query}, headers=STREAM) as response:
        assert response.status_code == 200
        yield response.aiter_raw()
