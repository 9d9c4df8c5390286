"""The exploration is not measured: tens of thousands of runs take twice as long when every line is traced."""

from collections.abc import Iterator

import pytest
from coverage import Coverage


@pytest.fixture(autouse=True)
def untraced() -> Iterator[None]:
    """Pause the measurement, and any that it had paused itself, for the time of a test."""
    paused = []
    while (measuring := Coverage.current()) is not None:
        measuring.stop()
        paused.append(measuring)
    yield
    for measuring in reversed(paused):
        measuring.start()
