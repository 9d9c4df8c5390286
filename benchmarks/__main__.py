"""``make bench``: measures, prints, and leaves nothing behind."""

from benchmarks.command import run
from benchmarks.contests import prepare
from benchmarks.measurement import measure
from benchmarks.report import heading, table
from benchmarks.stage import open_stage


async def main() -> None:
    """Run every contest and print its table."""
    async with open_stage() as stage:
        contests = await prepare(stage)
        print(heading())
        for contest in contests:
            print(table(contest, await measure(stage, contest)), flush=True)


if __name__ == "__main__":
    run(main())
