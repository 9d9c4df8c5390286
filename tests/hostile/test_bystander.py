"""The bystander notices every wait, and every wrong answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from hostile.bystander import PACE_S, look

READ, CANCELLED = b'{"data":{"__typename":"Query"}}', b'{"data":{"cancelFinetuning":{"id":"1"}}}'
STALL_S = 0.3


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    """Yield the port of a server for connections; at the end all of them are closed."""
    closed: list[asyncio.Task[None]] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the bystander has hung up
            await serve(reader, writer)
        writer.close()
        await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        closed.append(asyncio.create_task(served(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*closed)


def late(*, read: bytes = READ, cancelled: bytes = CANCELLED) -> Serve:
    """Return a service with these two answers; each connection's first one is late."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(STALL_S)
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = cancelled if b"cancel" in await reader.readexactly(length) else read
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    return serve


async def test_a_wait_counts_from_the_time_that_a_request_was_due() -> None:
    """So one stall is in the figures of all requests that it delays, and of the cancel as well."""
    async with serving(late()) as port:
        looked = await look(port, "key", for_s=5 * PACE_S, cancels=["1"])
    least = [STALL_S - place * PACE_S - 0.001 for place in range(5)]
    assert len(looked.reads_s) == 5
    assert all(found >= expected for found, expected in zip(looked.reads_s, least, strict=True))
    assert [one >= STALL_S - 0.001 for one in looked.cancels_s] == [True]
    assert looked.wrong == []


async def test_a_wrong_answer_is_told() -> None:
    """To a read and to a cancel alike."""
    async with serving(late(read=b'{"errors":[]}', cancelled=b'{"data":null}')) as port:
        looked = await look(port, "key", for_s=PACE_S, cancels=["1"])
    assert sorted(looked.wrong) == ['{"data":null}', '{"errors":[]}']


async def test_a_server_that_hangs_up_is_told() -> None:
    """A connection that is closed without an answer is no answer."""

    async def hang_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        pass

    async with serving(hang_up) as port:
        looked = await look(port, "key", for_s=PACE_S, cancels=["1"])
    assert len(looked.wrong) == 2
