"""The choices of a run, its length and its seed.

All chance comes from the seed.
"""

from dataclasses import dataclass
from random import Random

IMPATIENT: dict[str, float] = {
    "LEASE_S": 3,
    "GRACE_S": 10,
    "SYNC_INTERVAL_S": 1,
    "BACKOFF_CAP_S": 2,
    "CANCEL_BUDGET_S": 2,
    "OPENAI_TIMEOUT_S": 1.4,
    "OPENAI_UPLOAD_TIMEOUT_S": 2,
    "WORKER_IDLE_S": 0.3,
    "SWEEP_INTERVAL_S": 4,
    "MONGODB_TIMEOUT_S": 4,
}
"""The servers' settings, in seconds: every wait is cut, so minutes show the events of hours."""

LONGEST_DELAY_S = 2.5
"""A provider call is never carried out later than this after it arrived."""

LONGEST_FREEZE_S = 4.5
"""A process stands still for no longer: longer than a lease, shorter than the grace by a delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: ``storm_s`` seconds of all faults, then ``outage_s`` without the provider, then calm.

    Pauses are the least and the most, in seconds. So are stops of MongoDB: they are longer than any client's
    wait. ``last_cancels`` are asked for during the outage. A run with less than the ``least`` shows nothing.
    """

    seed: int
    storm_s: float = 120
    outage_s: float = 4
    last_cancels: int = 40
    servers: int = 3
    workers: int = 2
    clients: int = 12
    kill_pause_s: tuple[float, float] = (1.5, 3.5)
    primary_pause_s: tuple[float, float] = (14, 20)
    stop_s: tuple[float, float] = (4.5, 6.5)
    mongod_pause_s: tuple[float, float] = (13, 17)
    freeze_pause_s: tuple[float, float] = (4, 8)
    fault_pause_s: tuple[float, float] = (0.03, 0.3)
    least_cancels: int = 200
    least_kills: int = 30
    least_failovers: int = 3
    least_stops: int = 1
    least_mongod_kills: int = 0

    @property
    def bound_s(self) -> float:
        """The longest time of a cancel after the faults: the published bound."""
        settings = IMPATIENT
        return settings["LEASE_S"] + settings["BACKOFF_CAP_S"] + 2 * settings["SYNC_INTERVAL_S"]

    @property
    def bound_after_unknown_create_s(self) -> float:
        """The same for a create call of unknown outcome."""
        return self.bound_s + IMPATIENT["GRACE_S"]

    def random(self, actor: str) -> Random:
        """Return the chance of one actor: its choices depend on the seed alone, and on no other actor."""
        return Random(f"{self.seed}:{actor}")
