"""The bounds of a tenant's endpoint's answers: plain, and not without an end."""

import asyncio
import gzip
import json

import pytest

from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.outbound.bounds import MOST_ANSWER_BYTES
from graphql_api.providers.port import OutcomeUnknownError, RejectedError
from tests.providers.openai.wire import job, provider_at
from tests.providers.raw_server import RawServer, Request, answer, head

_BUFFERS_BYTES = 16_000_000
"""The most that the sockets of both sides may take unread."""

GUARD = OutboundGuard(allowed_hosts=["127.0.0.1"])


async def test_an_answer_without_an_end_is_read_no_further() -> None:
    """The server reads each answer as a whole, so it stops at the bound."""
    sent = 0

    async def endless(_: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head(200, 100 * MOST_ANSWER_BYTES))
        while not writer.is_closing():
            writer.write(b" " * 1_000_000)
            await writer.drain()
            sent += 1_000_000

    async with RawServer(endless).running() as server, provider_at(server.url, guard=GUARD) as provider:
        with pytest.raises(OutcomeUnknownError, match="ReadError"):
            await provider.retrieve_job("ftjob-1")
    assert sent < 2 * MOST_ANSWER_BYTES + _BUFFERS_BYTES


async def test_a_page_of_a_hundred_whole_jobs_is_far_below_the_bound() -> None:
    """The bound is one for endpoints that send too much, not for long lists."""
    assert len(json.dumps([job() for _ in range(100)])) < MOST_ANSWER_BYTES / 2


async def test_a_long_refusal_is_still_a_refusal() -> None:
    """Its status counts; its text is read no further, and not as JSON."""
    long = answer(400, {"error": {"message": "no", "more": "x" * 1_000_000}})
    async with RawServer(long).running() as server, provider_at(server.url, guard=GUARD) as provider:
        with pytest.raises(RejectedError) as caught:
            await provider.retrieve_job("ftjob-1")
    assert caught.value.message != "The provider refused the request (400): no"


async def test_a_packed_answer_is_not_unpacked() -> None:
    """It was not asked for; a plain one of the same job is good."""
    body = json.dumps(job()).encode()
    packed = answer(200, gzip.compress(body), headers={"content-encoding": "gzip"})
    async with RawServer(packed).running() as server, provider_at(server.url, guard=GUARD) as provider:
        with pytest.raises(OutcomeUnknownError, match="ReadError"):
            await provider.retrieve_job("ftjob-1")
        server.script = answer(200, body)
        assert (await provider.retrieve_job("ftjob-1")).id == "ftjob-1"
    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}
