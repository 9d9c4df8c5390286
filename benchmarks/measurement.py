"""The figures of one server, and their ratios.

A figure is of one round. The ratios of two servers are over all rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.contests import Contest
from benchmarks.load import send
from benchmarks.processes import ServerProcess, own_cpu_s
from benchmarks.stage import Stage

CONCURRENCY = 8
ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One server's figures in one round; ``client_share`` is the load generator's part of one core."""

    requests_per_s: float
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    client_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A figure over all rounds."""

    middle: float
    least: float
    most: float


Rounds = dict[str, list[Figures]]
"""The figures of each server by its name, round by round."""


async def measure(stage: Stage, contest: Contest) -> Rounds:
    """Let the servers take turns for ``ROUNDS`` rounds, after a first one thrown away."""
    rounds: Rounds = {rival.name: [] for rival in stage.rivals}
    for number in range(ROUNDS + 1):
        # Every other round in the opposite order, so that no server always follows the same one.
        for rival in stage.rivals[:: 1 if number % 2 else -1]:
            figures = await _round(rival, contest)
            if number:
                rounds[rival.name].append(figures)
    return rounds


async def _round(rival: ServerProcess, contest: Contest) -> Figures:
    requests = await contest.requests_for(rival)
    client_before, before = own_cpu_s(), rival.cpu_s()
    load = await send(rival.port, requests, concurrency=CONCURRENCY)
    cpu_s, client_s = rival.cpu_s() - before, own_cpu_s() - client_before
    hundredths = quantiles(load.latencies_s, n=100)
    return Figures(
        requests_per_s=len(requests) / load.elapsed_s,
        cpu_ms=1000 * cpu_s / len(requests),
        p50_ms=1000 * hundredths[49],
        p95_ms=1000 * hundredths[94],
        client_share=client_s / load.elapsed_s,
    )


def spread(values: Sequence[float]) -> Spread:
    """Return the median, the least and the most."""
    return Spread(middle=median(values), least=min(values), most=max(values))


def ratio(rounds: Rounds, name: str, *, to: str, figure: str) -> Spread:
    """Return one server's figure as a multiple of the other's in the same round."""
    pairs = zip(rounds[name], rounds[to], strict=True)
    return spread([getattr(one, figure) / getattr(other, figure) for one, other in pairs])
