"""``make bench``: measures, prints, and leaves nothing behind."""

import asyncio
import signal
import sys

import uvloop

from benchmarks.contests import prepare
from benchmarks.measurement import measure
from benchmarks.report import heading, table
from benchmarks.stage import open_stage


async def main() -> None:
    """Run every contest and print its table."""
    _end_in_order_on_sigterm()
    async with open_stage() as stage:
        contests = await prepare(stage)
        print(heading())
        for contest in contests:
            print(table(contest, await measure(stage, contest)), flush=True)


def _end_in_order_on_sigterm() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make bench needs Linux: it reads the CPU time of other processes from the kernel")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("stopped")
