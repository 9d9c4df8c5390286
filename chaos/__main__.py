"""``make chaos``: a storm, then a judgement; exit code 1 if the promise was broken."""

import asyncio
import os
import secrets
import signal
import sys

import uvloop

from chaos.plan import Plan
from chaos.report import report, shortfalls
from chaos.run import run


async def main() -> int:
    """Run as the environment says (``MINUTES``, ``SEED``) and return the exit code."""
    _end_in_order_on_sigterm()
    minutes, seed = float(os.environ.get("MINUTES") or 2), os.environ.get("SEED")
    plan = Plan(
        seed=int(seed) if seed else secrets.randbelow(1_000_000),
        storm_s=60 * minutes,
        least_cancels=int(100 * minutes),
        least_kills=int(15 * minutes),
        least_failovers=int(1.5 * minutes),
        least_stops=int(0.5 * minutes + 0.5),
    )
    print(f"seed {plan.seed}: {minutes:g} minutes of storm", flush=True)
    outcome = await run(plan)
    print(report(outcome))
    return 1 if outcome.violations or shortfalls(outcome) else 0


def _end_in_order_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make chaos needs Linux: the kernel has to end the processes of a run that was killed")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sys.exit(runner.run(main()))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("stopped")
