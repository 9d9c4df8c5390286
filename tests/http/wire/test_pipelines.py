"""Pipelined requests, and clients that do not read their answers."""

import asyncio
import time
import tracemalloc

import pytest
from structlog.testing import capture_logs

from graphql_api.http.wire.measure import SLICE_BYTES
from graphql_api.http.wire.pace import EVERY_S
from tests.http.wire.raw import (
    GET,
    LARGE,
    LAST,
    POST,
    answer_of,
    bystander_is_answered,
    connection,
    rest,
    serving,
)

GET_LARGE = b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n"


async def test_pipelined_requests_are_answered_in_turn() -> None:
    """Each one is parsed only after the answer before it, and a bystander comes between."""
    waits = b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n"
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(waits + GET * 200 + LAST)
        await app.asked.wait()
        await bystander_is_answered(app)
        assert app.paths == ["/waits"]
        app.may_answer.set()
        assert answer_of(await rest(reader)).body == b"/last"
        assert app.paths == ["/waits", *["/"] * 200, "/last"]


@pytest.mark.parametrize("padding", [b"", b"a: " + b"x" * SLICE_BYTES + b"\r\n"], ids=["one slice", "two"])
async def test_a_request_behind_an_answer_waits_until_it_is_taken(padding: bytes) -> None:
    """However many are sent, a client that reads nothing gets no second one into memory."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(GET_LARGE.removesuffix(b"\r\n") + padding + b"\r\n" + LAST)
        await app.answered.wait()
        await bystander_is_answered(app)
        assert app.paths == ["/large"]
        assert (await rest(reader)).endswith(b"/last")
        assert app.paths == ["/large", "/last"]


async def test_too_much_behind_an_answer_not_taken_ends_the_connection() -> None:
    """After that answer."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(GET_LARGE)
        await app.answered.wait()
        writer.write(GET * 5_000)
        assert (await rest(reader)).count(b"HTTP/1.1 200 OK") == 1
        assert app.paths == ["/large"]


async def test_a_body_behind_an_answer_is_read_after_it_is_taken() -> None:
    """All of it, though it arrived while nothing was read."""
    body = b"x" * 20_000
    post = POST + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(GET_LARGE + post + body)
        await app.answered.wait()
        assert answer_of(await rest(reader)).body == b"/"
        assert app.paths == ["/large", "/"]


async def test_pipelined_requests_take_turns() -> None:
    """Each but the first of its connection; a client that waits for its answer does not."""
    async with serving() as app, connection(app) as (reader, writer):
        began_s = time.monotonic()
        writer.write(GET * 50 + LAST)
        assert answer_of(await rest(reader)).body == b"/last"
        assert time.monotonic() - began_s >= 49 * EVERY_S


async def test_a_client_that_takes_its_answer_too_slowly_is_dropped() -> None:
    """A byte now and then moves no deadline."""
    async with serving(keep_alive_s=0.2) as app, connection(app) as (reader, writer):
        with capture_logs() as logs:
            writer.write(GET_LARGE)
            await app.answered.wait()
            for _ in range(500):
                if logs:
                    break
                await reader.read(10)
                await asyncio.sleep(0.02)
        assert [line["event"] for line in logs] == [
            "a connection was dropped: its client takes the answer too slowly"
        ]
        assert len(await rest(reader)) < len(LARGE) * 3 / 4  # what both systems had in their buffers
        await bystander_is_answered(app)


async def test_a_pipelined_request_is_not_parsed_before_the_answer_ahead() -> None:
    """So a pipeline takes its bytes, and not the parsed requests, which are far larger."""
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n")
        await app.asked.wait()
        tracemalloc.start()
        try:
            for _ in range(7):
                writer.write(GET * (SLICE_BYTES // len(GET)))
                await bystander_is_answered(app)
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 200_000
        app.may_answer.set()
        writer.write(LAST)
        assert answer_of(await rest(reader)).body == b"/last"


async def test_too_much_behind_an_open_request_ends_the_connection_after_its_answer() -> None:
    """The requests in it are not run."""
    waits = b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n"
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(waits + GET * 5_000)
        await app.asked.wait()
        await bystander_is_answered(app)
        app.may_answer.set()
        assert (await rest(reader)).count(b"HTTP/1.1 200 OK") == 1
        assert app.paths == ["/waits"]


async def test_a_malformed_request_behind_an_open_one_leaves_it_its_answer() -> None:
    """The connection ends with it."""
    waits = b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n"
    async with serving() as app, connection(app) as (reader, writer):
        writer.write(waits + b"hello\r\n\r\n")
        await app.asked.wait()
        app.may_answer.set()
        assert answer_of(await rest(reader)).body == b"/waits"


async def test_a_connection_whose_answer_is_not_taken_makes_room_for_a_new_one() -> None:
    """Else some clients that read nothing keep all others out."""
    async with serving(max_connections=2) as app:
        unread = [await asyncio.open_connection(*app.address) for _ in range(2)]
        for _, writer in unread:
            app.answered.clear()
            writer.write(GET_LARGE.replace(b"large", b"stream"))
            await app.answered.wait()
        await bystander_is_answered(app)
        assert [len(await rest(reader)) > len(LARGE) for reader, _ in unread] == [False, True]
        for _, writer in unread:
            writer.close()
