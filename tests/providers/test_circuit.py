"""The circuit: a provider that does not answer is left alone, but for one call at a time."""

import asyncio

import pytest

from graphql_api.providers.circuit import PAUSE_S, SILENT_CALLS, Circuit
from graphql_api.providers.exchange import Exchange
from graphql_api.providers.openai.sdk_client import FAILURES
from graphql_api.providers.port import NotSentError, ProviderFault
from graphql_api.redaction import Redaction
from tests.providers.openai.wire import job
from tests.providers.opening import Open, at_each
from tests.providers.raw_server import RawServer, answer, reset


class Clock:
    """A time moved by the test."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        """Return the time."""
        return self.time


def opened(clock: Clock) -> Circuit:
    """Return a circuit that keeps calls."""
    circuit = Circuit(now=clock.now)
    for _ in range(SILENT_CALLS):
        circuit.admit()
        circuit.note(answered=False)
    return circuit


def test_some_calls_without_an_answer_keep_the_rest() -> None:
    """Until the pause is over; then one at a time may try."""
    clock = Clock()
    circuit = opened(clock)
    with pytest.raises(NotSentError, match=f"not answered the last {SILENT_CALLS} calls"):
        circuit.admit()
    clock.time += PAUSE_S
    circuit.admit()
    with pytest.raises(NotSentError):
        circuit.admit()
    circuit.note(answered=False)
    with pytest.raises(NotSentError):
        circuit.admit()
    clock.time += PAUSE_S
    circuit.admit()
    circuit.note(answered=True)
    for _ in range(SILENT_CALLS):
        circuit.admit()


def test_an_answer_ends_the_count() -> None:
    """Only silence in a row counts."""
    circuit = Circuit(now=Clock().now)
    for _ in range(3 * SILENT_CALLS):
        circuit.admit()
        circuit.note(answered=False)
        circuit.admit()
        circuit.note(answered=True)
    assert not circuit.is_open


def test_a_try_broken_off_by_its_caller_says_nothing() -> None:
    """The next one may try at once."""
    clock = Clock()
    circuit = opened(clock)
    clock.time += PAUSE_S
    circuit.admit()
    circuit.note(answered=None)
    circuit.admit()


@at_each
async def test_a_silent_provider_is_asked_no_more(provider_at: Open) -> None:
    """Each kept call is one that was not sent; a refusal is an answer."""
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


async def test_a_cancelled_try_leaves_the_circuit_as_it_is() -> None:
    """Its caller has left, and the next one tries."""
    clock, begun = Clock(), asyncio.Event()
    circuit = opened(clock)
    clock.time += PAUSE_S
    exchange = Exchange(failures=FAILURES, hide=Redaction(), circuit=circuit)

    async def hung() -> None:
        begun.set()
        await asyncio.Event().wait()

    trying = asyncio.create_task(exchange.body_of(hung(), within_s=60))  # type: ignore[arg-type]  # it never answers
    await begun.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    circuit.admit()
