"""The progress of a training."""

from datetime import UTC, datetime
from typing import Any

import pytest

from graphql_api.client.progress import Progress, losses

NOW = datetime(2026, 1, 1, 12, 1, tzinfo=UTC)


def report(step: int | None, *, second: int = 0, total: int | None = 30, **metrics: float) -> dict[str, Any]:
    """Return an event with metrics."""
    known = {"trainLoss": None, "validLoss": None, "fullValidLoss": None, **metrics}
    return {
        "at": f"2026-01-01T12:00:{second:02}+00:00",
        "metrics": {"step": step, "totalSteps": total, **known},
    }


def test_the_line_grows_with_what_is_known() -> None:
    """The status alone first, then the bar and the losses, then the time left by the pace of the steps."""
    progress = Progress()
    assert progress.line("QUEUED", now=NOW) == "QUEUED"
    progress.take({"at": "2026-01-01T12:00:00+00:00", "metrics": None})
    progress.take(report(5, trainLoss=1.5))
    assert progress.line("RUNNING", now=NOW) == "RUNNING  [####--------------------] 5/30  loss 1.5000"
    progress.take(report(15, second=20, trainLoss=0.25, validLoss=0.5))
    assert progress.line("RUNNING", now=NOW) == (
        "RUNNING  [############------------] 15/30  loss 0.2500  validation loss 0.5000  about 30 s left"
    )


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("2026-01-01T12:02:29+00:00", "about 89 s left"),
        ("2026-01-01T12:31:00+00:00", "about 30 min left"),
        ("2026-01-01T14:06:00+00:00", "about 2 h 5 min left"),
        ("2026-01-01T11:00:00+00:00", "about 0 s left"),
    ],
)
def test_the_end_that_the_provider_expects_wins(end: str, told: str) -> None:
    """In seconds, minutes or hours; a time in the past is now."""
    progress = Progress(report(1), report(2, second=1), expected_end=end)
    assert progress.line("RUNNING", now=NOW).endswith(told)


def test_a_report_may_lack_its_numbers() -> None:
    """Without the number of all steps there is neither a bar nor a time left; without a step, no report."""
    progress = Progress()
    progress.take(report(None, trainLoss=1.0))
    assert progress.last is None
    for second in (1, 2):
        progress.take(report(second, second=second, total=None))
    assert progress.line("RUNNING", now=NOW) == "RUNNING  step 2"
    assert losses(report(1, fullValidLoss=0.12345)["metrics"]) == ["full validation loss 0.1235"]


def test_a_clock_that_steps_back_leaves_no_negative_time() -> None:
    """The time left is none."""
    progress = Progress(report(1, second=9), report(2, second=1))
    assert progress.line("R", now=NOW).endswith("about 0 s left")
