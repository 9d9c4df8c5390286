"""The deadline of slow readers, by a clock of the test's own and a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from graphql_api.http.wire.budget import Budget
from graphql_api.http.wire.connections import Connections
from graphql_api.http.wire.outflow import Outflow
from graphql_api.http.wire.server_config import Wire

ANSWER = b"x" * 20_000_000
"""More than the system takes without a reader."""


class Serving(asyncio.Protocol):
    """Writes the answer to its only client."""

    def __init__(self) -> None:
        self.looks: list[Callable[[], None]] = []
        self.written = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        """Answer."""
        wire = Wire(head_s=1, body_s=1, unread_s=7, connections=Connections(1), unread=Budget(1))
        self.transport = transport
        self.outflow = Outflow(transport, wire=wire, call_later=self._later)
        transport.write(ANSWER)
        self.written.set()

    def pause_writing(self) -> None:
        """Begin to measure."""
        self.outflow.stops()

    def resume_writing(self) -> None:
        """Stop measuring."""
        self.outflow.goes_on()

    def look(self) -> None:
        """Let the period be over."""
        self.looks.pop(0)()

    def _later(self, seconds: float, look: Callable[[], None]) -> asyncio.TimerHandle:
        assert seconds == 7
        self.looks.append(look)
        return asyncio.get_running_loop().call_later(3_600, look)


@asynccontextmanager
async def answered() -> AsyncIterator[tuple[Serving, asyncio.StreamReader]]:
    """Yield the answer's server, and the client that has read nothing so far."""
    protocol = Serving()
    server = await asyncio.get_running_loop().create_server(lambda: protocol, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1_000)
    await protocol.written.wait()
    yield protocol, reader
    protocol.outflow.goes_on()
    for one in (writer, server):
        one.close()


async def test_a_client_that_takes_nothing_more_is_dropped() -> None:
    """As soon as the buffers of both systems are full."""
    async with answered() as (protocol, _):
        for _ in range(5_000):  # each takes 16 KiB, and the buffers hold some megabytes
            if not protocol.looks:
                break
            protocol.look()
            await asyncio.sleep(0)
        assert protocol.transport.is_closing()


async def test_a_client_that_takes_enough_in_each_period_stays() -> None:
    """However many periods the answer needs."""
    async with answered() as (protocol, reader):
        left = len(ANSWER)
        while protocol.transport.get_write_buffer_size():
            some = await reader.readexactly(min(left, 1_000_000))
            left -= len(some)
            if protocol.transport.get_write_buffer_size():
                protocol.look()
            assert not protocol.transport.is_closing()
        assert len(await reader.readexactly(left)) == left
