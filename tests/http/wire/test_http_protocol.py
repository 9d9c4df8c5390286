"""The bounds of HTTP connections, by clients that keep to none.

Each refusal closes the connection, reaches the application with nothing, and keeps nobody else from an
answer.
"""

import asyncio
import logging
import socket
import time
import tracemalloc
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs

from graphql_api.http.wire import refusals
from graphql_api.http.wire.refusals import Refusal
from tests.http.wire.raw import (
    GET,
    LAST,
    MORE_THAN_READ,
    POST,
    Served,
    answer_of,
    bystander_is_answered,
    connection,
    refused,
    rest,
    said,
    serving,
)

CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
HEADER = b"a: b\r\n"
BEGUN = b"GET / HTTP/1.1\r\n"
LONG = b"x" * MORE_THAN_READ

HEADS: dict[str, tuple[bytes, Refusal]] = {
    "a long header": (BEGUN + b"a: " + LONG, refusals.HEAD_TOO_LARGE),
    "a long header with an end": (BEGUN + b"a: " + b"x" * 33_000 + b"\r\n\r\n", refusals.HEAD_TOO_LARGE),
    "a long name": (BEGUN + LONG, refusals.HEAD_TOO_LARGE),
    "a header a little too long": (BEGUN + b"a: " + b"x" * 40_000, refusals.HEAD_TOO_LARGE),
    "long headers": (BEGUN + (b"a: " + b"x" * 3_000 + b"\r\n") * 99 + b"\r\n", refusals.HEAD_TOO_LARGE),
    "empty lines": (b"\r\n" * 50_000, refusals.HEAD_TOO_LARGE),
    "many headers": (BEGUN + HEADER * 101 + b"\r\n", refusals.TOO_MANY_HEADERS),
    "a million headers": (BEGUN + HEADER * 1_000_000 + b"\r\n", refusals.TOO_MANY_HEADERS),
    "a long URL": (b"GET /" + b"x" * 16_384 + b" HTTP/1.1\r\n\r\n", refusals.URL_TOO_LONG),
    "an endless URL": (b"GET /" + LONG, refusals.URL_TOO_LONG),
    "no HTTP": (b"hello\r\n\r\n", refusals.MALFORMED),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), refusals.MALFORMED),
    "a URL that is none": (b"GET a://[ HTTP/1.1\r\nhost: a\r\n\r\n", refusals.MALFORMED),
}
BODIES: dict[str, tuple[bytes, Refusal]] = {
    "a piece for each byte": (CHUNKED + b"1\r\na\r\n" * 30_000, refusals.TOO_MANY_PIECES),
    "many headers behind it": (CHUNKED + b"0\r\n" + HEADER * 101, refusals.TOO_MANY_HEADERS),
    "a long header behind it": (CHUNKED + b"1\r\na\r\n0\r\na: " + LONG, refusals.HEAD_TOO_LARGE),
    "a long extension": (CHUNKED + b"1;a=" + LONG, refusals.HEAD_TOO_LARGE),
    "a wrong length": (CHUNKED + b"zz\r\n", refusals.MALFORMED),
}


async def assert_refused(app: Served, sent: bytes, refusal: Refusal) -> None:
    """Hold that the client reads this refusal, and that nobody else notices."""
    answer = await refused(app, sent)
    assert (answer.status, answer.problem["code"]) == (refusal.status, refusal.code)
    assert answer.problem["detail"] == refusal.detail
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert app.paths == []
    await bystander_is_answered(app)


@pytest.mark.parametrize(("sent", "refusal"), HEADS.values(), ids=HEADS.keys())
async def test_a_head_has_bounds(sent: bytes, refusal: Refusal) -> None:
    """It is refused as soon as it is beyond one, and not read on."""
    async with serving() as app:
        await assert_refused(app, sent, refusal)
        assert app.gone == 0


@pytest.mark.parametrize(("sent", "refusal"), BODIES.values(), ids=BODIES.keys())
async def test_what_surrounds_a_body_has_bounds(sent: bytes, refusal: Refusal) -> None:
    """The application learns that its client is gone."""
    async with serving() as app:
        await assert_refused(app, sent, refusal)
        assert app.gone == 1


async def test_a_head_within_the_bounds_is_read() -> None:
    """The largest one of the most headers."""
    url = b"/" + b"x" * 16_383
    headers = b"".join(b"a: %s\r\n" % (b"x" * 150) for _ in range(98))
    async with serving() as app:
        answer = await refused(app, b"GET %s HTTP/1.1\r\nconnection: close\r\n%s\r\n" % (url, headers))
        assert (answer.status, app.paths) == (200, [url.decode()])


async def test_a_body_in_small_pieces_is_read() -> None:
    """As long as there are not too many; headers behind it change nothing."""
    body = b"1\r\na\r\n" * 10_000 + b"0\r\nhost: b\r\n\r\n"
    async with serving() as app:
        told = await said(app, CHUNKED + body + LAST)
        assert (answer_of(told).body, app.paths) == (b"/last", ["/", "/last"])


async def test_headers_behind_a_body_are_dropped() -> None:
    """The application, which already checks those before it, sees none of them."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(CHUNKED + b"1\r\na\r\n0\r\nhost: b\r\nx-forwarded-for: b\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n/")
        assert app.headers == [b"host", b"transfer-encoding"]


async def test_a_body_that_nobody_reads_is_not_kept() -> None:
    """After the answer its client may send on, or stay."""
    begun = POST.replace(b"/", b"/unread", 1) + b"content-length: 900000\r\n\r\n"
    async with serving() as app, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connection(app)) for _ in range(21)]
        tracemalloc.start()
        try:
            for reader, writer in clients:
                writer.write(begun + b"x" * 100_000)
                assert await reader.readuntil(b"/unread")
                writer.write(b"x" * 100_000)
                await writer.drain()
            await bystander_is_answered(app)
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 20 * 50_000


SLOW: dict[str, tuple[bytes, Refusal]] = {
    "a head without an end": (BEGUN + HEADER, refusals.HEAD_TOO_LATE),
    "half a line": (b"GET / HT", refusals.HEAD_TOO_LATE),
    "an empty line": (b"\r\n", refusals.HEAD_TOO_LATE),
    "a body without an end": (POST + b"content-length: 9\r\n\r\nabc", refusals.BODY_TOO_LATE),
    "a body without a beginning": (POST + b"content-length: 9\r\n\r\n", refusals.BODY_TOO_LATE),
    "pieces without an end": (CHUNKED + b"1\r\na\r\n", refusals.BODY_TOO_LATE),
}


@pytest.mark.parametrize(("sent", "refusal"), SLOW.values(), ids=SLOW.keys())
async def test_a_client_has_a_deadline(sent: bytes, refusal: Refusal) -> None:
    """After an earlier answer on the same connection, too."""
    async with serving(request_head_s=0.5, request_body_s=0.5) as app, connection(app) as (reader, writer):
        for words in (GET, sent):
            writer.write(words)
            if words is GET:
                assert (await reader.readuntil(b"\r\n\r\n/")).endswith(b"/")
        answer = answer_of(await rest(reader))
        assert (answer.status, answer.problem["detail"]) == (408, refusal.detail)
        assert app.paths == ["/"]


async def test_bytes_now_and_then_move_no_deadline() -> None:
    """It counts from the first one."""
    async with serving(request_head_s=0.5) as app, connection(app) as (reader, writer):

        async def drip() -> None:
            writer.write(BEGUN)
            while True:
                writer.write(HEADER)
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert answer_of(await rest(reader)).problem["detail"] == refusals.HEAD_TOO_LATE.detail
        dripping.cancel()


async def test_a_silent_client_is_left_without_a_word() -> None:
    """It asked for nothing."""
    async with serving(request_head_s=0.2) as app:
        assert await said(app) == b""


async def test_an_answer_has_no_deadline() -> None:
    """The deadlines are the client's, and it has sent everything."""
    async with serving(request_head_s=0.1, request_body_s=0.1) as app, connection(app) as (reader, writer):
        writer.write(b"GET /waits HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        await app.asked.wait()
        await asyncio.sleep(0.4)
        app.may_answer.set()
        assert answer_of(await rest(reader)).body == b"/waits"


async def test_a_connection_without_a_request_makes_room_for_a_new_one() -> None:
    """However many are opened, the next request is answered."""
    async with serving(max_connections=3) as app:
        silent = [await asyncio.open_connection(*app.address) for _ in range(20)]
        await bystander_is_answered(app)
        for reader, _ in silent[:17]:
            assert await rest(reader) == b""
        for _, writer in silent:
            writer.close()


async def test_a_connection_dropped_in_the_middle_of_its_bytes_takes_no_more_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it has sent so far is dropped, too."""
    async with serving(max_connections=1) as app, connection(app) as (reader, writer):
        writer.write(CHUNKED + b"1\r\na\r\n" * 10_000)
        with socket.create_connection(app.address):
            assert await rest(reader) == b""
            used_s = time.process_time()
            await asyncio.sleep(0.5)
            assert time.process_time() - used_s < 0.1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_beyond_the_places_only_health_checks_are_answered() -> None:
    """If all connections are at work; the others are told to come again."""
    async with serving(max_connections=2) as app:
        busy = [await asyncio.open_connection(*app.address) for _ in range(2)]
        for _, writer in busy:
            app.asked.clear()
            writer.write(b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n")
            await app.asked.wait()
        full = await refused(app, LAST)
        assert (full.status, full.problem["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert full.headers["retry-after"] == "5"
        for path in (b"/livez", b"/readyz"):
            assert (await refused(app, LAST.replace(b"/last", path))).status == 200
        assert app.paths == ["/waits", "/waits", "/livez", "/readyz"]
        app.may_answer.set()
        for reader, writer in busy:
            assert await reader.readuntil(b"/waits")
            writer.close()
        await bystander_is_answered(app)


async def test_a_refusal_is_logged() -> None:
    """The line names the client, the answer and its id."""
    async with serving() as app:
        with capture_logs() as logs:
            answer = await refused(app, b"hello\r\n\r\n")
    assert logs == [
        {
            "event": "a request was refused",
            "kind": refusals.MALFORMED.detail,
            "log_level": "warning",
            "status": 400,
            "client": "127.0.0.1",
            "request_id": answer.headers["x-request-id"],
            "others": 0,
        }
    ]
