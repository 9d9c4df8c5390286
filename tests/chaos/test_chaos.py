"""A short storm over real processes.

The harness kills, injects, fails over, judges and leaves nothing.
"""

import tempfile
from pathlib import Path

import pytest

from chaos.plan import Plan
from chaos.report import report, shortfalls
from chaos.run import Outcome, run, run_embedded
from tests.process_states import until

SHORT = Plan(
    seed=20,
    storm_s=5,
    servers=2,
    workers=1,
    clients=6,
    outage_s=2.5,
    last_cancels=4,
    kill_pause_s=(0.6, 1),
    primary_pause_s=(1, 1.5),
    stop_s=(0.5, 1),
    least_cancels=5,
    least_kills=3,
    least_failovers=1,
    least_stops=0,
)


SHORT_AND_EMBEDDED = Plan(
    seed=20,
    storm_s=14,
    servers=1,
    workers=0,
    clients=4,
    outage_s=2.5,
    last_cancels=4,
    kill_pause_s=(60, 60),  # none: who but its server could bring the mongod back
    mongod_pause_s=(4, 5),
    least_cancels=3,
    least_kills=2,
    least_failovers=0,
    least_stops=0,
    least_mongod_kills=2,
)


async def test_a_short_storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under kills, failovers and faults no cancel is lost or lies, and nothing outlives the storm."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outcome = await run(SHORT)
    assert outcome.violations == [], report(outcome)
    assert shortfalls(outcome) == [], report(outcome)
    assert "violations             0" in report(outcome)
    assert _left_in(tmp_path) == []
    await until(lambda: _processes_in(tmp_path) == [])  # a killed process takes a moment to go
    _check_the_weather(outcome)


async def test_a_short_storm_over_an_embedded_mongod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mongod is killed under its server, and comes back by it: no cancel is lost or lies."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outcome = await run_embedded(SHORT_AND_EMBEDDED)
    assert outcome.violations == [], report(outcome)
    assert shortfalls(outcome) == [], report(outcome)
    assert outcome.failures == {}, report(outcome)
    assert _left_in(tmp_path) == []
    await until(lambda: _processes_in(tmp_path) == [])  # a killed process takes a moment to go
    _check_the_weather(outcome)


def _check_the_weather(outcome: Outcome) -> None:
    """Check that something went wrong at the provider, and that every killed process came back."""
    assert {call["fault"] for call in outcome.calls} > {None}
    assert outcome.ledger.creates <= outcome.evidence.documents.keys()


def _left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _processes_in(directory: Path) -> list[int]:
    """Return the processes that work in the directory, even if it is gone."""
    return [
        int(link.parent.name)
        for link in Path("/proc").glob("[0-9]*/cwd")
        if _target(link).startswith(str(directory))
    ]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # it has ended, or is another user's
        return ""
