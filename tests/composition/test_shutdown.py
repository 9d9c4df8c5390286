"""A signal asks a process to stop.

After its time it is ended by force.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from threading import Event

import pytest
from structlog.testing import capture_logs

from graphql_api.composition.shutdown import stopped_by_signal

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
async def _own_signals() -> AsyncIterator[None]:
    """Leave the signals to the test run again."""
    yield
    for number in NUMBERS:
        asyncio.get_running_loop().remove_signal_handler(number)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_signal_is_an_event(number: signal.Signals) -> None:
    """Either signal sets the event instead of ending the process, and again changes nothing."""
    forced = Event()
    stopped = stopped_by_signal(within_s=600, force=forced.set)
    assert not stopped.is_set()
    for _ in range(2):
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await stopped.wait()
    assert not forced.is_set()


async def test_a_process_that_does_not_end_is_ended() -> None:
    """Even with its event loop at a stop; the pending work is logged before."""
    forced = Event()
    stopped = stopped_by_signal(within_s=0.01, force=forced.set)
    with capture_logs() as logs:
        os.kill(os.getpid(), signal.SIGTERM)
        await stopped.wait()
        assert forced.wait(timeout=5)  # which blocks the loop
    (line,) = logs
    assert (line["log_level"], line["event"]) == ("critical", "stopping takes too long: ended by force")
    assert line["after_s"] == 0.01
    assert line["pending"]["test_a_process_that_does_not_end_is_ended"] == 1
