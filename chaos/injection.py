"""The provider's misbehaviour: random scripted faults.

One fault comes after another.
"""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

import httpx2

from chaos.plan import LONGEST_DELAY_S, Plan

OPERATIONS = {
    "jobs.create": 4,
    "jobs.cancel": 4,
    "jobs.retrieve": 3,
    "jobs.list": 2,
    "files.create": 2,
    "files.list": 1,
}
"""The operations that go wrong, and their weights."""

LIES = ("empty", "list", "null", "html", "other_job")
REFUSALS = (401, 404, 500, 502, 503)


def choose_fault(random: Random) -> dict[str, Any]:
    """Return one fault for one call; every fault keeps the rules of a fair provider."""
    (operation,) = random.choices(list(OPERATIONS), weights=list(OPERATIONS.values()))
    kinds = _KINDS | (_OF_JOBS if operation in {"jobs.cancel", "jobs.retrieve"} else {})
    kind = random.choice(sorted(kinds))
    return {"operation": operation, "kind": kind, **kinds[kind](random, operation)}


def _status(random: Random, operation: str) -> Mapping[str, Any]:
    if random.random() < 0.4:
        return {"status": 429, "retry_after_s": round(random.uniform(0, 3), 1)}
    # A refusal for good would rightly end a create or an upload; asked about a job, it has to be doubted.
    refusals = REFUSALS if operation in {"jobs.cancel", "jobs.retrieve"} else (401, 500, 502, 503)
    status = random.choice(refusals)
    return {"status": status, "applied": status >= 500 and random.random() < 0.5}


def _hang(random: Random, _: str) -> Mapping[str, Any]:
    return {"seconds": round(random.uniform(0.3, 2.5), 2), "applied": random.random() < 0.5}


_KINDS = {
    "reset": lambda random, _: {"applied": random.random() < 0.6},
    "cut": lambda *_: {},
    "truncated": lambda *_: {},
    "status": _status,
    "hang": _hang,
    "lie": lambda random, _: {"lie": random.choice(LIES), "applied": random.random() < 0.5},
    "delay": lambda random, _: {"seconds": round(random.uniform(0.2, LONGEST_DELAY_S), 2)},
}
_OF_JOBS = {"finish_first": lambda random, _: {"outcome": random.choice(["succeeded", "failed"])}}


CONTROL = {"X-Sandbox-Control": "chaos"}
"""The header of every change to the provider: no page can send it."""


async def inject(plan: Plan, http: httpx2.AsyncClient, *, sandbox_url: str) -> None:
    """Script one fault after another; a killed provider forgets its faults."""
    random = plan.random("injector")
    while True:
        await asyncio.sleep(random.uniform(*plan.fault_pause_s))
        fault = choose_fault(random)
        try:
            (await http.post(f"{sandbox_url}/faults", json=fault, headers=CONTROL)).raise_for_status()
        except httpx2.TransportError:
            continue


async def outage(http: httpx2.AsyncClient, *, sandbox_url: str) -> None:
    """Let every call fail from now on."""
    fault = {"operation": "*", "kind": "status", "status": 503, "times": None}
    while True:
        try:
            (await http.post(f"{sandbox_url}/faults", json=fault, headers=CONTROL)).raise_for_status()
        except httpx2.TransportError:
            await asyncio.sleep(0.1)
        else:
            return


async def calm(http: httpx2.AsyncClient, *, sandbox_url: str) -> None:
    """Drop the faults to come, and wait for the end of the last one."""
    (await http.delete(f"{sandbox_url}/faults", headers=CONTROL)).raise_for_status()
    while any(not call["ended"] for call in (await http.get(f"{sandbox_url}/calls")).json() if call["fault"]):
        await asyncio.sleep(0.1)
