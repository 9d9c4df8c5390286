"""The load generator: keep-alive connections.

Each connection sends one request after the other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

from benchmarks.processes import HOST


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire, and the required part of the answer's body."""

    payload: bytes
    proof: bytes = b""


@dataclass(slots=True, kw_only=True)
class Load:
    """The outcome of a sequence of requests: its whole time, and each request's time, in seconds."""

    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


def request(method: str, path: str, *, body: bytes = b"", proof: bytes = b"") -> Request:
    """Return a request with a JSON body."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Accept: application/json"]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return Request("\r\n".join([*head, "", ""]).encode() + body, proof)


def authorized(one: Request, *, key: str) -> Request:
    """Return the request with a bearer token."""
    line, _, rest = one.payload.partition(b"\r\n")
    return replace(one, payload=b"\r\n".join([line, f"Authorization: Bearer {key}".encode(), rest]))


async def send(port: int, requests: Sequence[Request], *, concurrency: int, keep: bool = False) -> Load:
    """Send all requests over ``concurrency`` connections; ``keep`` the bodies, in the order of the requests.

    Raises ``RuntimeError`` for an answer other than a 200 with the request's proof in it.
    """
    load = Load(latencies_s=[0.0] * len(requests), bodies=[b""] * len(requests) if keep else [])
    waiting = iter(enumerate(requests))
    async with asyncio.TaskGroup() as connections:
        started = perf_counter()
        for _ in range(concurrency):
            connections.create_task(_work_off(port, waiting, load))
    load.elapsed_s = perf_counter() - started
    return load


async def _work_off(port: int, waiting: Iterator[tuple[int, Request]], load: Load) -> None:
    async with _connection(port) as (reader, writer):
        for place, one in waiting:
            started = perf_counter()
            writer.write(one.payload)
            body = await _answer(reader)
            load.latencies_s[place] = perf_counter() - started
            if one.proof not in body:
                raise RuntimeError(f"unexpected answer: {body[:500]!r}")
            if load.bodies:
                load.bodies[place] = body


@asynccontextmanager
async def _connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**20)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200 "):
        raise RuntimeError(f"unexpected answer: {head.decode()}{(await reader.read(500)).decode()}")
    _, _, rest = head.partition(b"content-length:")
    return await reader.readexactly(int(rest.partition(b"\r\n")[0]))
