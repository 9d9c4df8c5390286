"""The limits name what is too much, and nothing else."""

from dataclasses import replace

import pytest

from hostile.input import Kind
from hostile.limits import Cost, Idle, Waits, faults, waits_of

IDLE = Waits(p50_ms=2, p99_ms=15, cancel_ms=40)
FINE = Cost(name="one", kind=Kind.REFUSED, answer="400", cpu_ms=100, peak_mb=100, kept_mb=50, waits=IDLE)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"cpu_ms": 100.1}, ["CPU"]),
        ({"cpu_ms": 999.0, "kind": Kind.SERVED}, []),
        ({"cpu_ms": 1_000.1, "kind": Kind.SERVED}, ["CPU"]),
        ({"cpu_ms": 9_999.0, "kind": Kind.FLOOD}, []),
        ({"peak_mb": 100.1}, ["peak"]),
        ({"kept_mb": 50.1}, ["kept"]),
        ({"waits": replace(IDLE, p99_ms=30)}, []),
        ({"waits": replace(IDLE, p99_ms=30.1)}, ["bystander"]),
        ({"waits": replace(IDLE, cancel_ms=80.1)}, ["cancel"]),
        ({"waits": replace(IDLE, wrong=["nothing"])}, ["answers"]),
        ({"cpu_ms": 101.0, "kept_mb": 51.0, "peak_mb": 101.0}, ["CPU", "peak", "kept"]),
    ],
)
def test_each_excess_has_its_word(change: dict[str, object], found: list[str]) -> None:
    """A cost at its limit is fine; a flood is judged by what others feel of it."""
    assert list(faults(replace(FINE, **change), idle=IDLE)) == found  # type: ignore[arg-type] # fields by name


def test_a_wait_too_short_to_notice_is_no_fault() -> None:
    """An idle machine answers in less than a millisecond: twice that says nothing of the server."""
    idle = Waits(p50_ms=0.5, p99_ms=1, cancel_ms=5)
    assert list(faults(replace(FINE, waits=replace(idle, p99_ms=20, cancel_ms=20)), idle=idle)) == []
    assert list(faults(replace(FINE, waits=replace(idle, p99_ms=20.1)), idle=idle)) == ["bystander"]


def test_the_waits_are_the_middle_and_the_worst() -> None:
    """Of the reads the middle and the worst hundredth, of the cancels the worst."""
    waits = waits_of([number / 1000 for number in range(1, 100)], [0.02, 0.05])
    assert (waits.p50_ms, waits.p99_ms, waits.cancel_ms) == (50, 99, 50)


def test_all_idle_looks_count_together() -> None:
    """A run's later looks beside nobody count as much as the first."""
    idle = Idle([0.001] * 50, [0.01])
    idle.reads_s += [0.003] * 51
    idle.cancels_s += [0.03]
    assert (idle.waits.p50_ms, idle.waits.cancel_ms) == (3, 30)
