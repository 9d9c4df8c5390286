"""A clock for budgets, moved by the test alone."""

from dataclasses import dataclass


@dataclass(slots=True)
class Time:
    """Seconds on a steady clock."""

    seconds: float = 6_000.0

    def now(self) -> float:
        """Return the time reached by ``pass_by``."""
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds
