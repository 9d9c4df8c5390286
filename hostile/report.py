"""The printed table of a run."""

from collections.abc import Sequence

from hostile.limits import Cost, Waits

COLUMNS = (
    "input",
    "answer",
    "CPU ms",
    "peak MB",
    "kept MB",
    "p50 ms",
    "p99 ms",
    "cancel ms",
    "too much",
)
LONGEST_ANSWER = 48


def heading() -> str:
    """Return the head of the table."""
    return "\n".join([_row(COLUMNS), _row(["---"] * len(COLUMNS))])


def idle_row(idle: Waits) -> str:
    """Return the line of the bystander beside nobody."""
    return _row(["nobody", "", "", "", "", *_waits(idle), ", ".join(idle.wrong)])


def section(name: str) -> str:
    """Return the line above the inputs of a section."""
    return _row([f"**{name}**", *[""] * (len(COLUMNS) - 1)])


def row(cost: Cost, faults: Sequence[str]) -> str:
    """Return the line of one input."""
    answer = cost.answer[:LONGEST_ANSWER]
    figures = (f"{figure:.0f}" for figure in (cost.cpu_ms, cost.peak_mb, cost.kept_mb))
    return _row([cost.name, answer, *figures, *_waits(cost.waits), ", ".join(faults)])


def _waits(waits: Waits) -> list[str]:
    return [f"{figure:.1f}" for figure in (waits.p50_ms, waits.p99_ms, waits.cancel_ms)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
