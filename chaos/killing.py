"""The killer: ``kill -9`` for servers, workers, the provider and MongoDB's primary; some only stand still."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count

from chaos.ledger import Ledger
from chaos.plan import LONGEST_FREEZE_S, Plan
from chaos.replica_set import ReplicaSet
from chaos.supervision import Service

WEIGHTS = {"server": 5, "worker": 3, "provider": 2}
ONE_FROZEN_IN = 3
"""Every so many times the primary only stands still, and still believes to be the primary when it goes on."""


async def kill_services(plan: Plan, services: Sequence[Service], ledger: Ledger) -> None:
    """Kill one service after another until cancelled."""
    random = plan.random("killer")
    while True:
        await asyncio.sleep(random.uniform(*plan.kill_pause_s))
        (kind,) = random.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        victim = random.choice([service for service in services if service.kind == kind])
        ledger.kills[kind] += victim.kill()


async def freeze_services(plan: Plan, services: Sequence[Service], ledger: Ledger) -> None:
    """Let one server or worker after another stand still, some for longer than a lease, until cancelled."""
    random = plan.random("freezer")
    while True:
        await asyncio.sleep(random.uniform(*plan.freeze_pause_s))
        victim = random.choice([service for service in services if service.kind != "provider"])
        length_s = random.uniform(0.5, LONGEST_FREEZE_S)
        if victim.is_running:
            ledger.frozen[victim.kind] += 1
            await victim.freeze(length_s)


def kill_all(services: Sequence[Service], ledger: Ledger) -> None:
    """Kill every server and worker at the same moment: whatever lease they hold is a dead one's."""
    for service in services:
        if service.kind != "provider":
            ledger.kills[service.kind] += service.kill()


async def kill_primaries(plan: Plan, replicas: ReplicaSet, ledger: Ledger) -> None:
    """Kill or freeze the primary again and again until cancelled; never two members at once."""
    random = plan.random("regicide")
    for number in count(1):
        await asyncio.sleep(random.uniform(*plan.primary_pause_s))
        await replicas.wait_until_whole()
        port, lasts_s = await replicas.primary(), random.uniform(3, LONGEST_FREEZE_S)
        freezes = number % ONE_FROZEN_IN == 0
        struck_at = time.monotonic()
        async with asyncio.TaskGroup() as striking:
            striking.create_task(
                _strike(replicas.members[port], ledger, freeze_s=lasts_s if freezes else None)
            )
            while await replicas.primary() == port:
                await asyncio.sleep(0.1)
            ledger.failovers_s.append(time.monotonic() - struck_at)


async def _strike(primary: Service, ledger: Ledger, *, freeze_s: float | None) -> None:
    if freeze_s is None:
        ledger.kills["primary"] += primary.kill()
    else:
        ledger.frozen["primary"] += 1
        await primary.freeze(freeze_s)
