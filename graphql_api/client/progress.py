"""The progress of a training, as far as its events show it: steps, loss, and when it may end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BAR = 24
"""The characters of a whole bar."""


@dataclass(slots=True)
class Progress:
    """The first and the last report of a training, and the end that the provider expects."""

    first: Mapping[str, Any] | None = None
    last: Mapping[str, Any] | None = None
    expected_end: str | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        """Take the event's report, if it has one."""
        if event["metrics"] and event["metrics"]["step"]:
            self.first = self.first or event
            self.last = event

    def left(self, now: datetime) -> timedelta | None:
        """Return the time to the end that the provider expects, or else by the pace of the steps."""
        if self.expected_end is not None:
            return max(datetime.fromisoformat(self.expected_end) - now, timedelta())
        if self.first is None or self.last is None:
            return None
        steps: int = self.last["metrics"]["step"] - self.first["metrics"]["step"]
        if steps <= 0 or not self.last["metrics"]["totalSteps"]:
            return None
        took = datetime.fromisoformat(self.last["at"]) - datetime.fromisoformat(self.first["at"])
        steps_left: int = self.last["metrics"]["totalSteps"] - self.last["metrics"]["step"]
        return max(took / steps * steps_left, timedelta())

    def line(self, status: str, *, now: datetime | None = None) -> str:
        """Return one line: the status, a bar, the losses and the time left."""
        parts = [status]
        if self.last is not None:
            parts += [_bar(self.last["metrics"]), *losses(self.last["metrics"])]
        left = self.left(now or datetime.now(UTC))
        if left is not None:
            parts.append(f"about {_in_words(left)} left")
        return "  ".join(filter(None, parts))


def losses(metrics: Mapping[str, Any]) -> list[str]:
    """Return the losses that there are, by name."""
    names = {"loss": "trainLoss", "validation loss": "validLoss", "full validation loss": "fullValidLoss"}
    return [f"{name} {metrics[key]:.4f}" for name, key in names.items() if metrics[key] is not None]


def _bar(metrics: Mapping[str, Any]) -> str:
    step, total = metrics["step"], metrics["totalSteps"]
    if not total:
        return f"step {step}"
    done = min(BAR, BAR * step // total)
    return f"[{'#' * done}{'-' * (BAR - done)}] {step}/{total}"


def _in_words(left: timedelta) -> str:
    seconds = round(left.total_seconds())
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
