"""The progress of a request at its end.

The tests tell the requests certainly unsent from all others.
"""

import asyncio

import pytest

from graphql_api.providers.exchange import Exchange, RawAnswer
from graphql_api.providers.faults import fault_of_failure
from graphql_api.providers.openai.sdk_client import FAILURES
from graphql_api.providers.port import NotSentError, OutcomeUnknownError, ProviderFault, RejectedError
from graphql_api.redaction import Redaction
from tests.processes.patience import until
from tests.providers.openai.wire import CALLS, SPEC, Call
from tests.providers.opening import KEY, Open, at_each
from tests.providers.raw_server import RawServer, stall


@at_each
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_refused_connection_is_not_sent(call: Call, provider_at: Open) -> None:
    """Nothing listens: nothing happened."""
    async with RawServer(stall).running() as server:
        url = server.url
    async with provider_at(url) as provider:
        with pytest.raises(ProviderFault) as caught:
            await call(provider)
    assert type(caught.value) is NotSentError
    assert caught.value.message == "The provider could not be reached: All connection attempts failed"


@at_each
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("connect_timeout_s", "call_timeout_s"),
    [(0.1, 10.0), (10.0, 0.4)],
    ids=["own limit", "share of the total"],
)
async def test_a_connection_that_does_not_come_about_is_not_sent(
    connect_timeout_s: float, call_timeout_s: float, call: Call, provider_at: Open
) -> None:
    """A TLS greeting that never comes ends before the total limit does, and leaves no socket open."""
    async with (
        RawServer(stall).running() as server,
        provider_at(
            server.url.replace("http://", "https://"),
            connect_timeout_s=connect_timeout_s,
            call_timeout_s=call_timeout_s,
        ) as provider,
    ):
        with pytest.raises(ProviderFault) as caught:
            await call(provider)
    assert (type(caught.value), caught.value.message) == (
        NotSentError,
        "The provider could not be reached in time",
    )
    assert server.requests == []


async def test_a_total_limit_that_ends_before_the_request_leaves_is_not_sent() -> None:
    """The total limit knows whether the request was on its way."""
    with pytest.raises(ProviderFault) as caught:
        await Exchange(failures=FAILURES, hide=Redaction(KEY)).body_of(_never(), within_s=0.01)
    assert (type(caught.value), caught.value.message) == (
        NotSentError,
        "The provider could not be reached within 0.01 s",
    )


async def _never() -> RawAnswer:
    await asyncio.Event().wait()
    raise AssertionError


@at_each
async def test_a_failed_tls_handshake_is_not_sent(provider_at: Open) -> None:
    """A server that speaks no TLS has not seen the request."""
    listener = await asyncio.start_server(_greet, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, provider_at(f"https://127.0.0.1:{port}/v1") as provider:
        with pytest.raises(ProviderFault) as caught:
            await provider.create_job(SPEC)
    assert type(caught.value) is NotSentError


async def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet in plain text, for any request."""
    writer.write(b"220 mail.example.org ESMTP\r\n")
    await writer.drain()
    writer.close()


@at_each
async def test_a_call_that_finds_every_connection_busy_is_not_sent(provider_at: Open) -> None:
    """Beyond 50 calls together, a call waits for a connection, and says so when no connection comes free."""
    server = RawServer(stall)
    async with server.running(), provider_at(server.url, call_timeout_s=60, connect_timeout_s=3) as provider:
        calls = [asyncio.create_task(provider.create_job(SPEC)) for _ in range(50)]
        await until(lambda: len(server.requests) == 50)
        with pytest.raises(NotSentError) as busy:
            await provider.create_job(SPEC)
        await server.drop_all()
        faults = await asyncio.gather(*calls, return_exceptions=True)
    assert str(busy.value) == "The provider was not asked: every connection is busy"
    assert [type(fault) for fault in faults] == [OutcomeUnknownError] * 50
    assert len(server.requests) == 50


@at_each
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_call_to_a_closed_client_is_not_sent(call: Call, provider_at: Open) -> None:
    """A client of changed credentials is closed, and a late user may still hold it."""
    async with RawServer(stall).running() as server, provider_at(server.url) as provider:
        await provider.close()
        with pytest.raises(ProviderFault) as caught:
            await call(provider)
    assert (type(caught.value), caught.value.message, server.requests) == (
        NotSentError,
        "The provider was not asked: the client is closed",
        [],
    )


async def test_a_client_that_fails_after_the_request_left_leaves_the_outcome_unknown() -> None:
    """Only what certainly did not leave is certainly not sent."""
    fault = fault_of_failure(RuntimeError("x"), failures=FAILURES, may_have_left=True, hide=Redaction())
    assert type(fault) is OutcomeUnknownError


@at_each
@pytest.mark.parametrize("job_id", ["", ".", ".."])
async def test_an_id_that_no_path_can_carry_is_rejected(job_id: str, provider_at: Open) -> None:
    """The client library refuses such an id, and no request is sent."""
    async with RawServer(stall).running() as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderFault) as caught:
            await provider.retrieve_job(job_id)
    assert (type(caught.value), server.requests) == (RejectedError, [])


@at_each
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_cancellation_from_outside_stays_a_cancellation(call: Call, provider_at: Open) -> None:
    """A caller stopping a call learns of the stop, not of a failure of the provider."""
    async with RawServer(stall).running() as server, provider_at(server.url) as provider:
        task = asyncio.ensure_future(call(provider))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
