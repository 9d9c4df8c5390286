"""The circuit: a provider that does not answer is left alone, but for one call at a time."""

import asyncio
from contextvars import copy_context

import httpx2
import pytest
from openai import APIConnectionError

from graphql_api.providers.circuit import PAUSE_S, SILENT_CALLS, Circuit
from graphql_api.providers.exchange import Exchange, RawAnswer
from graphql_api.providers.openai.sdk_client import FAILURES
from graphql_api.providers.port import NotSentError, OutcomeUnknownError, ProviderFault
from graphql_api.redaction import Redaction
from tests.providers.openai.wire import job
from tests.providers.opening import Open, at_each
from tests.providers.raw_server import RawServer, answer, reset, stall


class Clock:
    """A time moved by the test."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        """Return the time."""
        return self.time


def opened(clock: Clock) -> Circuit:
    """Return a circuit that holds back calls."""
    circuit = Circuit(now=clock.now)
    for _ in range(SILENT_CALLS):
        circuit.note(circuit.admit(), answered=False)
    return circuit


def test_after_some_calls_without_an_answer_the_rest_are_held_back() -> None:
    """Until the pause is over; then one at a time may try."""
    clock = Clock()
    circuit = opened(clock)
    with pytest.raises(NotSentError, match=f"not answered the last {SILENT_CALLS} calls"):
        circuit.admit()
    clock.time += PAUSE_S
    trial = circuit.admit()
    with pytest.raises(NotSentError):
        circuit.admit()
    circuit.note(trial, answered=False)
    with pytest.raises(NotSentError):
        circuit.admit()
    clock.time += PAUSE_S
    circuit.note(circuit.admit(), answered=True)
    for _ in range(SILENT_CALLS):
        circuit.admit()


def test_an_answer_ends_the_count() -> None:
    """Only silence in a row counts."""
    circuit = Circuit(now=Clock().now)
    for _ in range(3 * SILENT_CALLS):
        circuit.note(circuit.admit(), answered=False)
        circuit.note(circuit.admit(), answered=True)
    assert not circuit.is_open


def test_a_trial_that_says_nothing_is_followed_by_a_pause() -> None:
    """It took its time, too."""
    clock = Clock()
    circuit = opened(clock)
    clock.time += PAUSE_S
    circuit.note(circuit.admit(), answered=None)
    with pytest.raises(NotSentError):
        circuit.admit()
    clock.time += PAUSE_S
    circuit.admit()


@pytest.mark.parametrize("answered", [False, None])
def test_the_end_of_an_older_call_lets_no_second_one_try(*, answered: bool | None) -> None:
    """Only the end of the trial makes way for the next one."""
    clock = Clock()
    circuit = Circuit(now=clock.now)
    older = circuit.admit()
    for _ in range(SILENT_CALLS):
        circuit.note(circuit.admit(), answered=False)
    clock.time += PAUSE_S
    circuit.admit()
    circuit.note(older, answered=answered)
    clock.time += PAUSE_S
    with pytest.raises(NotSentError):
        circuit.admit()


def test_a_long_call_is_not_the_one_that_tries() -> None:
    """It leaves the trial to a shorter one, and passes where nothing is held back."""
    clock = Clock()
    circuit = opened(clock)
    clock.time += PAUSE_S
    with pytest.raises(NotSentError):
        circuit.admit(may_try=False)
    circuit.note(circuit.admit(), answered=True)
    circuit.admit(may_try=False)


@at_each
async def test_a_silent_provider_is_asked_no_more(provider_at: Open) -> None:
    """Each call held back is one that was not sent; a refusal is an answer."""
    clock = Clock()
    circuit = Circuit(now=clock.now)
    async with RawServer(reset).running() as server, provider_at(server.url, circuit=circuit) as provider:
        for _ in range(SILENT_CALLS + 3):
            with pytest.raises(ProviderFault):
                await provider.retrieve_job("ftjob-1")
        asked = len(server.requests)
        clock.time += PAUSE_S
        server.script = answer(404, job())
        for _ in range(SILENT_CALLS + 3):
            with pytest.raises(ProviderFault):
                await provider.retrieve_job("ftjob-1")
        assert len(server.requests) == asked + SILENT_CALLS + 3
    assert asked == SILENT_CALLS


@at_each
async def test_an_upload_is_not_the_call_that_tries(provider_at: Open) -> None:
    """It has a longer time limit, and everything else of the account would wait for it."""
    clock = Clock()
    circuit = opened(clock)
    clock.time += PAUSE_S
    async with (
        RawServer(answer(200, job(object=None))).running() as server,
        provider_at(server.url, circuit=circuit) as provider,
    ):
        with pytest.raises(NotSentError):
            await provider.upload_training_file(b"{}", filename="f1.jsonl")
        assert server.requests == []
        await provider.retrieve_job("ftjob-1")
        await provider.upload_training_file(b"{}", filename="f1.jsonl")
    assert len(server.requests) == 2


@at_each
async def test_a_search_that_meets_with_silence_counts(provider_at: Open) -> None:
    """Its own limit and that of its call are over together."""
    circuit = Circuit(now=Clock().now)
    async with (
        RawServer(stall).running() as server,
        provider_at(server.url, circuit=circuit, call_timeout_s=0.2) as provider,
    ):
        for _ in range(SILENT_CALLS):
            with pytest.raises(ProviderFault):
                await provider.find_jobs(finetuning_id="f1")
    assert circuit.is_open


async def test_a_call_that_is_ended_by_the_limit_of_its_search_met_with_silence() -> None:
    """A search may have little time left for its last page."""
    circuit = Circuit(now=Clock().now)
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)
    for _ in range(SILENT_CALLS):
        with pytest.raises(OutcomeUnknownError, match=r"did not answer within 0\.01 s"):
            async with exchange.one_limit(0.01):
                await exchange.body_of(hung(), within_s=60)
    assert circuit.is_open


async def test_a_cancelled_trial_is_followed_by_the_next_one() -> None:
    """Its caller has left; the circuit stays as it is."""
    clock, begun = Clock(), asyncio.Event()
    circuit = opened(clock)
    clock.time += PAUSE_S
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)
    trying = asyncio.create_task(exchange.body_of(hung(begun), within_s=60))
    await begun.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert circuit.is_open
    clock.time += PAUSE_S
    circuit.admit()


async def test_a_call_that_its_caller_breaks_off_is_no_silence() -> None:
    """Also within a search that has time left."""
    circuit = Circuit(now=Clock().now)
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)
    for _ in range(SILENT_CALLS):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), exchange.one_limit(60):
                await exchange.body_of(hung(), within_s=60)
    assert not circuit.is_open


async def test_a_trial_that_ends_in_another_context_has_ended() -> None:
    """A list that is given up may be closed by another task."""
    clock = Clock()
    circuit = opened(clock)
    clock.time += PAUSE_S
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)
    trying = exchange.body_of(hung(), within_s=60)
    copy_context().run(trying.send, None)
    with pytest.raises(ValueError, match="different Context"):
        trying.throw(asyncio.CancelledError())
    clock.time += PAUSE_S
    circuit.admit()


def _failed(cause: Exception) -> Exception:
    failure = APIConnectionError(request=httpx2.Request("GET", "http://x"))
    failure.__cause__ = cause
    return failure


@pytest.mark.parametrize(
    ("error", "is_open"),
    [
        (_failed(httpx2.ConnectError("refused")), True),
        (_failed(httpx2.ReadTimeout("late")), True),
        (_failed(httpx2.ReadError("reset")), True),
        (_failed(httpx2.PoolTimeout("busy")), False),
        (_failed(httpx2.UnsupportedProtocol("ftp")), False),
        (httpx2.InvalidURL("no"), False),
        (ValueError("an empty id"), False),
        (RuntimeError("closed"), False),
    ],
)
async def test_a_call_that_this_side_could_not_send_is_no_silence(error: Exception, *, is_open: bool) -> None:
    """The provider was not asked."""
    circuit = Circuit(now=Clock().now)
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)

    async def failing() -> RawAnswer:
        raise error

    for _ in range(SILENT_CALLS):
        with pytest.raises(ProviderFault):
            await exchange.body_of(failing(), within_s=60)
    assert circuit.is_open is is_open


async def hung(begun: asyncio.Event | None = None) -> RawAnswer:
    """Never answer."""
    if begun is not None:
        begun.set()
    await asyncio.Event().wait()
    raise AssertionError
