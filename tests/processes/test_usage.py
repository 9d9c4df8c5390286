"""The figures of a process, from outside."""

import os
import sys
import time

import pytest

from processes.usage import cpu_s, resident_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_work_shows_in_the_cpu_time_and_waiting_does_not() -> None:
    """The clock is the process's own: it goes on only while it works."""
    before, ours = cpu_s(os.getpid()), time.process_time()
    while time.process_time() - ours < 0.05:
        pass
    assert 0.05 <= cpu_s(os.getpid()) - before <= 0.05 + (time.process_time() - ours)


def test_memory_in_use_shows() -> None:
    """A touched block is in RAM."""
    before = resident_bytes(os.getpid())
    block = bytearray(b"x") * (64 * 2**20)
    assert resident_bytes(os.getpid()) - before > 32 * 2**20
    assert len(block) == 64 * 2**20
