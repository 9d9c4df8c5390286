"""The bounds of WebSockets, by clients that keep to none."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from websockets.frames import Close, Frame, Opcode

from graphql_api.http.wire import refusals
from graphql_api.http.wire.websocket_protocol import MOST_FRAGMENTS, MOST_SIGNALS
from tests.http.wire.raw import Served, bystander_is_answered, connection, refused, rest, serving

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a client's frame."""
    return Frame(opcode, data, fin=fin).serialize(mask=True)


WAIT = frame(Opcode.TEXT, b"wait")
FRAGMENT = frame(Opcode.CONT, fin=False)
BEGIN = frame(Opcode.TEXT, fin=False)


@asynccontextmanager
async def socket_of(app: Served) -> AsyncIterator[Socket]:
    """Open a WebSocket by hand."""
    async with connection(app) as (reader, writer):
        writer.write(HANDSHAKE + b"\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        yield reader, writer


async def closing(reader: asyncio.StreamReader) -> Close:
    """Return the close frame at the end of everything."""
    told = await rest(reader)
    start = told.rindex(b"\x88")
    return Close.parse(told[start + 2 :])


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        (b"a: " + b"x" * 8_300, refusals.HANDSHAKE_LINE_TOO_LONG),
        (b"a: " + b"x" * 40_000, refusals.HEAD_TOO_LARGE),
        (b"a: b\r\n" * 100 + b"a: b", refusals.TOO_MANY_HEADERS),
    ],
)
async def test_a_handshake_has_bounds(header: bytes, refusal: refusals.Refusal) -> None:
    """It is answered, and the connection closed."""
    async with serving() as app:
        answer = await refused(app, HANDSHAKE + header + b"\r\n\r\n")
        assert (answer.status, answer.problem["detail"]) == (431, refusal.detail)
        await bystander_is_answered(app)


async def test_half_a_handshake_has_a_deadline() -> None:
    """It is a head like any other."""
    async with serving(request_head_s=0.3) as app:
        assert (await refused(app, HANDSHAKE)).status == 408


async def test_messages_are_read_one_by_one() -> None:
    """As the application takes them, in whatever pieces they come."""
    texts = [f"{number}" * 3_000 for number in range(9)]
    async with serving() as app, socket_of(app) as (reader, writer):
        for text in texts:
            middle = len(text) // 2
            writer.write(frame(Opcode.TEXT, text[:middle].encode(), fin=False))
            writer.write(frame(Opcode.PING, b"between"))
            writer.write(frame(Opcode.CONT, text[middle:].encode()))
        writer.write(frame(Opcode.CLOSE, Close(1000, "").serialize()))
        assert (await closing(reader)).code == 1000
        assert app.messages == texts


async def test_messages_wait_for_a_busy_application() -> None:
    """Few of them are parsed, and the others stay where they are."""
    async with serving() as app, socket_of(app) as (reader, writer):
        writer.write(WAIT + frame(Opcode.TEXT, b"next") * 5_000)
        await app.asked.wait()
        await bystander_is_answered(app)
        assert app.messages == ["wait"]
        app.may_answer.set()
        writer.write(frame(Opcode.CLOSE, Close(1000, "").serialize()))
        assert (await closing(reader)).code == 1000
        assert app.messages == ["wait", *["next"] * 5_000]


FLOODS = {
    "empty fragments": (BEGIN + FRAGMENT * 100_000, "A message has too many fragments"),
    "fragments": (BEGIN + frame(Opcode.CONT, b"x", fin=False) * 5_000, "A message has too many fragments"),
    "pings": (frame(Opcode.PING) * 50_000, "Too many pings"),
    "pongs": (frame(Opcode.PONG, b"x") * 50_000, "Too many pings"),
}


@pytest.mark.parametrize(("flood", "reason"), FLOODS.values(), ids=FLOODS.keys())
async def test_a_flood_of_frames_ends_the_socket(flood: bytes, reason: str) -> None:
    """The client reads why, and the application got no message of it."""
    async with serving() as app, socket_of(app) as (reader, writer):
        with capture_logs() as logs:
            writer.write(flood)
            assert await closing(reader) == Close(1008, reason)
        assert [line["kind"] for line in logs] == [reason]
        assert app.messages == []
        await bystander_is_answered(app)


async def test_the_most_fragments_and_pings_are_taken() -> None:
    """They are one message, and the pings are answered."""
    last = frame(Opcode.CONT, b"last")
    async with serving() as app, socket_of(app) as (reader, writer):
        writer.write(BEGIN + FRAGMENT * (MOST_FRAGMENTS - 2) + last + frame(Opcode.PING) * MOST_SIGNALS)
        writer.write(frame(Opcode.CLOSE, Close(1000, "").serialize()))
        told = await rest(reader)
        assert app.messages == ["last"]
        assert told.count(b"\x8a\x00") == MOST_SIGNALS


async def test_unread_messages_of_all_sockets_share_a_budget() -> None:
    """Half messages of some sockets use it up; the next one is told to come again."""
    whole = frame(Opcode.TEXT, b"x" * 400_000)
    half = whole[:-1]
    async with serving(max_body_bytes=500_000, max_bodies_bytes=1_000_000) as app:
        async with socket_of(app) as (_, one), socket_of(app) as (_, other), socket_of(app) as (third, last):
            for writer in (one, other):
                writer.write(half)
                await writer.drain()
            await bystander_is_answered(app)
            last.write(half)
            assert await closing(third) == Close(1013, "Too many messages arrive at once")
        async with socket_of(app) as (reader, writer):  # the budget came back with the ends of the others
            writer.write(whole + frame(Opcode.CLOSE, Close(1000, "").serialize()))
            assert (await closing(reader)).code == 1000
        assert len(app.messages) == 1


async def test_a_socket_that_is_reset_gives_its_share_of_the_budget_back() -> None:
    """Though its application reads no end of it any more."""
    half = frame(Opcode.TEXT, b"x" * 400_000)[:-1]
    async with serving(max_body_bytes=500_000, max_bodies_bytes=600_000) as app:
        for _ in range(3):
            async with socket_of(app) as (reader, writer):
                writer.write(half)
                await writer.drain()
                await bystander_is_answered(app)
                at_once = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            assert await rest(reader) == b""  # no word of a full budget


async def test_bad_utf8_is_refused_with_its_code() -> None:
    """In one line of the log; from a client that closes with the same breath, in none."""
    async with serving() as app:
        with capture_logs() as logs:
            async with socket_of(app) as (reader, writer):
                writer.write(frame(Opcode.TEXT, b"\xff"))
                assert await closing(reader) == Close(1007, "A message is not UTF-8")
            async with socket_of(app) as (reader, writer):
                writer.write(frame(Opcode.TEXT, b"\xff") + frame(Opcode.CLOSE, Close(1000, "").serialize()))
                assert (await closing(reader)).code == 1000
        assert [line["kind"] for line in logs] == ["A message is not UTF-8"]
        assert app.messages == []


async def test_a_socket_frees_its_place() -> None:
    """At its end, another one finds it."""
    async with serving(max_connections=1) as app:
        for _ in range(3):
            async with socket_of(app) as (reader, writer):
                writer.write(frame(Opcode.CLOSE, Close(1000, "").serialize()))
                await rest(reader)
