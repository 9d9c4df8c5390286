"""A short storm over real processes: the harness kills, injects, fails over, judges and leaves nothing."""

import os
import tempfile
from pathlib import Path

import pytest

from chaos.plan import Plan
from chaos.report import report, shortfalls
from chaos.run import Outcome, run

SHORT = Plan(
    seed=20,
    storm_s=12,
    servers=2,
    workers=1,
    clients=6,
    outage_s=2.5,
    last_cancels=4,
    kill_pause_s=(0.8, 1.6),
    primary_pause_s=(3, 4),
    least_cancels=10,
    least_kills=5,
    least_failovers=1,
)


@pytest.mark.timeout(150)
async def test_a_short_storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under kills, failovers and faults no cancel is lost or lies, and nothing outlives the storm."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outcome = await run(SHORT)
    assert outcome.violations == [], report(outcome)
    assert shortfalls(outcome) == [], report(outcome)
    assert "violations             0" in report(outcome)
    assert _left_in(tmp_path) == []
    assert _children() == []
    _check_the_weather(outcome)


def _check_the_weather(outcome: Outcome) -> None:
    """Check that something went wrong at the provider, and that what was killed came back."""
    assert {call["fault"] for call in outcome.calls} > {None}
    assert outcome.ledger.creates <= outcome.evidence.documents.keys()


def _left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _children() -> list[int]:
    """Return the processes whose parent is this one and whose work was the storm's."""
    return [
        int(file.parent.name)
        for file in Path("/proc").glob("[0-9]*/stat")
        if _is_ours(file) and b"chaos" in (file.parent / "cmdline").read_bytes()
    ]


def _is_ours(stat: Path) -> bool:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid()
    except OSError:  # it has ended
        return False
