"""The printed tables of a run."""

from collections.abc import Iterable, Iterator

from benchmarks.contests import Contest
from benchmarks.measurement import CONCURRENCY, ROUNDS, Rounds, Spread, ratio, spread

COLUMNS = {
    "requests_per_s": "requests/s",
    "cpu_ms": "CPU ms/request",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
}
RATIOS = (("server", "bare"), ("secured", "server"), ("control", "bare"))
_WIDTH = 21


def heading() -> str:
    """Return the text above the tables."""
    return (
        f"{ROUNDS} rounds each after a first one thrown away, {CONCURRENCY} connections.\n"
        "server: finetuning GraphQL API; bare: Starlette, pymongo and the OpenAI SDK by hand; "
        "secured: the server with AUTH=keys; control: bare once more.\n"
        "Medians over the rounds; ratios within a round: median (least-most)."
    )


def table(contest: Contest, rounds: Rounds) -> str:
    """Return the table of one operation."""
    client = max(figures.client_share for of_one in rounds.values() for figures in of_one)
    return "\n".join(
        [
            f"\n{contest.title}, {contest.size} requests a round",
            _row("", COLUMNS.values()),
            *(_row(name, _medians(rounds, name)) for name in rounds),
            *(_row(f"{name} : {to}", _ratios(rounds, name, to=to)) for name, to in RATIOS),
            f"load generator: at most {client:.0%} of one core",
        ]
    )


def _medians(rounds: Rounds, name: str) -> Iterator[str]:
    for figure in COLUMNS:
        yield _number(spread([getattr(one, figure) for one in rounds[name]]).middle)


def _ratios(rounds: Rounds, name: str, *, to: str) -> Iterator[str]:
    for figure in COLUMNS:
        yield _spread(ratio(rounds, name, to=to, figure=figure))


def _spread(found: Spread) -> str:
    return f"{_number(found.middle)} ({_number(found.least)}-{_number(found.most)})"


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _row(label: str, cells: Iterable[str]) -> str:
    return f"{label:<16}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)
