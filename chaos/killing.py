"""The killer: ``kill -9`` for servers, workers, the provider, and the primary of the replica set."""

import asyncio
import time
from collections.abc import Sequence

from chaos.ledger import Ledger
from chaos.plan import Plan
from chaos.replica_set import ReplicaSet
from chaos.supervision import Service

WEIGHTS = {"server": 5, "worker": 3, "provider": 2}


async def kill_services(plan: Plan, services: Sequence[Service], ledger: Ledger) -> None:
    """Kill one service after another until cancelled."""
    random = plan.random("killer")
    while True:
        await asyncio.sleep(random.uniform(*plan.kill_pause_s))
        (kind,) = random.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        victim = random.choice([service for service in services if service.kind == kind])
        ledger.kills[kind] += victim.kill()


async def kill_primaries(plan: Plan, replicas: ReplicaSet, ledger: Ledger) -> None:
    """Kill the primary again and again until cancelled; never two members at once."""
    random = plan.random("regicide")
    while True:
        await asyncio.sleep(random.uniform(*plan.primary_pause_s))
        await replicas.wait_until_whole()
        port = await replicas.primary()
        killed_at = time.monotonic()
        if not replicas.members[port].kill():
            continue
        ledger.kills["primary"] += 1
        while await replicas.primary() == port:
            await asyncio.sleep(0.1)
        ledger.failovers_s.append(time.monotonic() - killed_at)
