"""The killer of servers, workers, the provider and MongoDB.

Servers, workers, the provider and MongoDB's primary get ``kill -9``; other members only stand still.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle
from random import Random

from chaos.ledger import Ledger
from chaos.plan import LONGEST_FREEZE_S, Plan
from chaos.replica_set import ReplicaSet
from chaos.supervision import Service

WEIGHTS = {"server": 5, "worker": 3, "provider": 2}


async def kill_services(plan: Plan, services: Sequence[Service], ledger: Ledger) -> None:
    """Kill one service after another, as long as the storm lasts."""
    random = plan.random("killer")
    weights = {kind: weight for kind, weight in WEIGHTS.items() if any(one.kind == kind for one in services)}
    while True:
        await asyncio.sleep(random.uniform(*plan.kill_pause_s))
        (kind,) = random.choices(list(weights), weights=list(weights.values()))
        victim = random.choice([service for service in services if service.kind == kind])
        ledger.kills[kind] += victim.kill()


async def freeze_services(plan: Plan, services: Sequence[Service], ledger: Ledger) -> None:
    """Let one server or worker after another stand still, some for longer than a lease."""
    random = plan.random("freezer")
    while True:
        await asyncio.sleep(random.uniform(*plan.freeze_pause_s))
        victim = random.choice([service for service in services if service.kind != "provider"])
        length_s = random.uniform(0.5, LONGEST_FREEZE_S)
        if victim.is_running:
            ledger.frozen[victim.kind] += 1
            await victim.freeze(length_s)


def kill_all(services: Sequence[Service], ledger: Ledger) -> None:
    """Kill every server and worker at the same moment: each of their leases is then a dead one's."""
    for service in services:
        if service.kind != "provider":
            ledger.kills[service.kind] += service.kill()


async def strike_mongodb(plan: Plan, replicas: ReplicaSet, ledger: Ledger) -> None:
    """Kill the primary, stop all members for some time, and freeze the primary, in turn.

    It strikes one member or all, never two: two dead members leave no majority to elect a primary.
    """
    random = plan.random("regicide")
    for strike in cycle([_kill, _stop_all, _freeze]):
        await asyncio.sleep(random.uniform(*plan.primary_pause_s))
        await replicas.wait_until_whole()
        await strike(plan, replicas, ledger, random)


async def _kill(_: Plan, replicas: ReplicaSet, ledger: Ledger, __: Random) -> None:
    port, struck_at = await replicas.primary(), time.monotonic()
    ledger.kills["primary"] += replicas.members[port].kill()
    await _failover(replicas, ledger, port=port, struck_at=struck_at)


async def _freeze(_: Plan, replicas: ReplicaSet, ledger: Ledger, random: Random) -> None:
    """Let the primary stand still; when it goes on it still believes to be the primary."""
    port, struck_at = await replicas.primary(), time.monotonic()
    ledger.frozen["primary"] += 1
    async with asyncio.TaskGroup() as striking:
        striking.create_task(replicas.members[port].freeze(random.uniform(3, LONGEST_FREEZE_S)))
        await _failover(replicas, ledger, port=port, struck_at=struck_at)


async def _stop_all(plan: Plan, replicas: ReplicaSet, ledger: Ledger, random: Random) -> None:
    ledger.frozen["mongodb"] += 1
    length_s = random.uniform(*plan.stop_s)
    await asyncio.gather(*[member.freeze(length_s) for member in replicas.members.values()])


async def _failover(replicas: ReplicaSet, ledger: Ledger, *, port: int, struck_at: float) -> None:
    while await replicas.primary() == port:
        await asyncio.sleep(0.1)
    ledger.failovers_s.append(time.monotonic() - struck_at)
