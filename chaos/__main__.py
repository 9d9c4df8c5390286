"""``make chaos``: a storm, then a judgement.

The exit code is 1 if the promise was broken.
"""

import asyncio
import os
import secrets
import signal
import sys

import uvloop

from chaos.plan import Plan
from chaos.report import report, shortfalls
from chaos.run import Outcome, run, run_embedded


async def main() -> int:
    """Run as the environment says (``MINUTES``, ``SEED``) and return the exit code."""
    _end_in_order_on_sigterm()
    minutes, given = float(os.environ.get("MINUTES") or 2), os.environ.get("SEED")
    seed = int(given) if given else secrets.randbelow(1_000_000)
    print(f"seed {seed}: {minutes:g} minutes of storm over a replica set", flush=True)
    told = _reported(await run(_plan(minutes, seed=seed)))
    print(f"\nseed {seed}: {minutes / 2:g} minutes of storm over an embedded mongod", flush=True)
    return _reported(await run_embedded(_embedded_plan(minutes / 2, seed=seed))) or told


def _reported(outcome: Outcome) -> int:
    """Print the report and return the exit code."""
    print(report(outcome))
    return 1 if outcome.violations or shortfalls(outcome) else 0


def _plan(minutes: float, *, seed: int) -> Plan:
    return Plan(
        seed=seed,
        storm_s=60 * minutes,
        least_cancels=int(100 * minutes),
        least_kills=int(15 * minutes),
        least_failovers=int(1.5 * minutes),
        least_stops=int(0.5 * minutes + 0.5),
    )


def _embedded_plan(minutes: float, *, seed: int) -> Plan:
    return Plan(
        seed=seed,
        storm_s=60 * minutes,
        servers=1,
        workers=0,
        clients=6,
        kill_pause_s=(20, 28),  # seldom: the server itself has to bring its mongod back
        least_cancels=int(40 * minutes),
        least_kills=int(2 * minutes),
        least_failovers=0,
        least_stops=0,
        least_mongod_kills=max(1, int(2 * minutes)),
    )


def _end_in_order_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make chaos needs Linux: the kernel ends the processes of a killed run")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sys.exit(runner.run(main()))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("stopped")
