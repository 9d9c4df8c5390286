"""What an input may cost, and what of its cost is too much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from hostile.input import Kind

REFUSED_CPU_MS = 100.0
"""A refusal has no worth, so its price is small: ten a second leave the server its work."""
SERVED_CPU_MS = 1_000.0
"""No single answer is worth a core for longer than a second."""
PEAK_MB = 100.0
"""A tenth of the memory of a small container: some such inputs at once do not end it."""
KEPT_MB = 50.0
"""What the allocator keeps free for the next request; more than that is kept by the server."""
TIMES_IDLE = 2.0
"""A bystander may wait this many times as long as beside nobody."""
UNNOTICED_MS = 20.0
"""A wait below this is no fault of the server: on two shared cores the kernel's turns decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long others waited, in milliseconds; ``wrong`` are wrong answers to them."""

    p50_ms: float
    p99_ms: float
    cancel_ms: float
    wrong: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one input cost: alone, and beside a bystander."""

    name: str
    kind: Kind
    answer: str
    cpu_ms: float
    peak_mb: float
    kept_mb: float
    waits: Waits


@dataclass(slots=True)
class Idle:
    """What a bystander saw beside nobody, in all looks of a run; how busy the machine is changes."""

    reads_s: list[float] = field(default_factory=list)
    cancels_s: list[float] = field(default_factory=list)

    @property
    def waits(self) -> Waits:
        """The waits over all looks."""
        return waits_of(self.reads_s, self.cancels_s)


def waits_of(reads_s: Sequence[float], cancels_s: Sequence[float], *, wrong: Sequence[str] = ()) -> Waits:
    """Return the middle and the worst hundredth of the reads, and the worst cancel."""
    hundredths = quantiles(reads_s, n=100)
    return Waits(
        p50_ms=1000 * hundredths[49],
        p99_ms=1000 * hundredths[98],
        cancel_ms=1000 * max(cancels_s, default=0),
        wrong=wrong,
    )


def faults(cost: Cost, *, idle: Waits) -> Iterator[str]:
    """Yield in a word each limit that the cost exceeds."""
    if cost.kind is Kind.REFUSED and cost.cpu_ms > REFUSED_CPU_MS:
        yield "CPU"
    if cost.kind is Kind.SERVED and cost.cpu_ms > SERVED_CPU_MS:
        yield "CPU"
    if cost.peak_mb > PEAK_MB:
        yield "peak"
    if cost.kept_mb > KEPT_MB:
        yield "kept"
    if cost.waits.p99_ms > _most(idle.p99_ms):
        yield "bystander"
    if cost.waits.cancel_ms > _most(idle.cancel_ms):
        yield "cancel"
    if cost.waits.wrong:
        yield "answers"


def _most(idle_ms: float) -> float:
    return max(TIMES_IDLE * idle_ms, UNNOTICED_MS)
