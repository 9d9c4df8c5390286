"""The end of a refused connection."""

import asyncio

from graphql_api.http.wire.goodbye import LINGER_BYTES
from tests.http.wire.raw import connection, rest, serving


async def test_a_client_that_sends_on_is_cut_off() -> None:
    """It reads its answer before, and cannot be read for ever."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(b"hello\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 400 ")
        reading = asyncio.create_task(rest(reader))
        try:
            for _ in range(200):
                writer.write(b"x" * LINGER_BYTES)
                await writer.drain()
        except ConnectionError:
            pass
        else:
            raise AssertionError("the server reads everything")
        await reading


async def test_a_client_that_sends_on_can_still_read_its_answer() -> None:
    """A socket closed at once is reset at the next byte, and a far client loses the answer."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(b"hello\r\n\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 400 ")
        for _ in range(10):
            writer.write(b"x")
            await asyncio.sleep(0)
        assert not app_is_rid_of(writer)


async def test_a_client_that_stays_is_cut_off() -> None:
    """After a moment."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(b"hello\r\n\r\n")
        await rest(reader)
        while not app_is_rid_of(writer):
            writer.write(b"x")
            await asyncio.sleep(0.05)


def app_is_rid_of(writer: asyncio.StreamWriter) -> bool:
    """Return whether the connection is reset, which shows at a write."""
    return writer.transport.is_closing()
