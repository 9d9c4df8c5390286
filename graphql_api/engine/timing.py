"""How long the engine waits for what, in seconds, and the backoff between its tries."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

CLOCK_SLACK = timedelta(hours=1)
"""How far the provider's clock may be behind MongoDB's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The engine's time limits, all in seconds."""

    lease_s: float = 60
    """How long a holder may be silent before another takes over: longer than a cancel and its read back."""
    submit_limit_s: float = 30
    """How long a create call may take, counted from before its durable mark."""
    grace_s: float = 120
    """How long a job that the provider does not show may still turn up."""
    file_limit_s: float = 1800
    """How long the provider may take to process a training file before its word for it counts no more."""
    sync_interval_s: float = 10
    """How often a live job's status is read."""
    recheck_s: float = 1
    """How soon to look again where an answer is expected shortly."""
    backoff_cap_s: float = 60
    """The longest pause between two tries while the provider fails."""
    cancel_budget_s: float = 10
    """How long a cancel may keep its caller waiting for the provider."""

    def backoff_s(self, faults: int, random: Random) -> float:
        """Return the pause after ``faults`` earlier failures in a row: doubling, capped, with jitter."""
        pause = min(self.backoff_cap_s, self.recheck_s * float(2 ** min(faults, 30)))
        return pause * random.uniform(0.5, 1)
