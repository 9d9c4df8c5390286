"""Holds the demo to being honest: a fact that does not hold ends it."""

import asyncio
import os
import signal

import pytest

from graphql_api.demo import _expect
from graphql_api.resources import StartError
from graphql_api.server import stopped_by_signal


def test_a_fact_that_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """A fact that holds is ticked off, one that does not ends the demo and is named."""
    _expect(True, "one is one")
    with pytest.raises(StartError, match=r"^the demo expected that one is two$"):
        _expect(False, "one is two")
    assert capsys.readouterr().out == "✓ one is one\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_is_an_event(number: signal.Signals) -> None:
    """Either signal sets the event instead of ending the process."""
    stopped = stopped_by_signal()
    try:
        assert not stopped.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await stopped.wait()
    finally:
        for handled in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(handled)
