"""``make stalls``: one kind of stall after the other.

The exit code is 1 if any request is left without an answer. ``python -m chaos.stalls DIRECTORY`` does the
same to the version of the server in the directory.
"""

import asyncio
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chaos.stalls.stage import Halt, one_mongod, served, three_mongods
from chaos.stalls.trial import SEARCHES, UNANSWERED, Result, Trial, attempt

ROOT = Path(__file__).parents[2]

STOPPED = [Trial(name=f"MongoDB stopped for {seconds} s", stall_s=seconds) for seconds in (3, 14, 60)]
FROZEN = Trial(name="primary of three frozen for 14 s", stall_s=14)
FLOOD = Trial(
    name="6 x 100 searches of 20,000 records",
    stall_s=0,
    queries=6,
    query=f"{{ {SEARCHES} }}",
    records=20_000,
)


async def run(trial: Trial, *, source: Path = ROOT, **settings: object) -> Result:
    """Carry a trial out on a stage of its own."""
    with tempfile.TemporaryDirectory(prefix="graphql-api-stalls-") as name:
        directory, mongodb = Path(name), three_mongods if trial is FROZEN else one_mongod
        async with (
            mongodb(directory / "mongodb") as (uri, pid),
            served(uri, directory, settings=settings, source=source) as server,
        ):
            halt = Halt([pid] if trial.stall_s else [], trial.stall_s)
            return await attempt(trial, server, halt)


def row(result: Result) -> str:
    """Return a line of the table."""
    answers, unanswered = dict(result.answers), result.answers[UNANSWERED]
    told = ", ".join(f"{count} {code}" for code, count in sorted(answers.items()) if code != UNANSWERED)
    code = "none" if result.exit_code is None else result.exit_code
    return (
        f"| {platform.python_version()} | {result.trial.name} | {told or '-'} | {unanswered} "
        f"| {result.longest_s:.1f} | {', '.join(result.ill) or '-'} | {code} in {result.exit_s:.1f} s |"
    )


def heading() -> Iterator[str]:
    """Yield the table's head."""
    columns = [
        "Python",
        "what",
        "answers",
        "unanswered",
        "longest, s",
        "well afterwards",
        "SIGTERM: exit code",
    ]
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"


async def main(source: Path) -> int:
    """Print the table and return the exit code."""
    print(*heading(), sep="\n", flush=True)
    bad = 0
    for trial in [*STOPPED, FROZEN, FLOOD]:
        result = await run(trial, source=source)
        print(row(result), *result.errors, sep="\n", flush=True)
        bad += not result.is_good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(*sys.argv[1:2]) if sys.argv[1:] else ROOT)))
