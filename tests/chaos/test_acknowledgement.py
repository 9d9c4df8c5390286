"""Every acknowledgement is a majority's.

A failover would take back a write known to one member of the replica set only.
"""

import asyncio
from typing import Any

from chaos.client import CANCEL, CANCEL_MANY, CREATE, Client
from chaos.ledger import Ledger
from chaos.plan import Plan
from chaos.stage import Stage, open_stage

PLAN = Plan(seed=0, servers=2, workers=1)
ENOUGH_TO_STORE_S = 0.2
BEFORE_AN_ELECTION_S = 0.3
"""For so long a primary that has lost both secondaries has not noticed yet, and they are not back."""


async def _leave_the_primary_alone(stage: Stage) -> None:
    assert stage.replicas is not None
    primary = await stage.replicas.primary()
    for port, member in stage.replicas.members.items():
        if port != primary:
            assert member.kill()


def _ask(stage: Stage, server: str, query: str, **variables: object) -> asyncio.Task[Any]:
    body = {"query": query, "variables": variables}
    return asyncio.create_task(stage.http.post(f"{server}/graphql", json=body))


async def _asked_in_turn(stage: Stage, chosen: dict[str, str], ids: list[str]) -> list[asyncio.Task[Any]]:
    """Ask one server after the other for the same create and the same cancels."""
    asked = []
    for server in stage.urls:
        asked += [
            _ask(stage, server, CREATE, input=chosen),
            _ask(stage, server, CANCEL, id=ids[0]),
            _ask(stage, server, CANCEL_MANY, ids=ids[1:]),
        ]
        await asyncio.sleep(ENOUGH_TO_STORE_S)  # the next one is to find what the primary alone has
    return asked


async def test_a_repeated_request_is_not_acknowledged_early() -> None:
    """Neither a create nor a cancel that was asked for twice is answered before a majority has it."""
    async with open_stage(PLAN) as stage:
        ledger = Ledger()
        random = PLAN.random("client")
        client = Client(http=stage.http, servers=stage.urls, ledger=ledger, random=random, name="client")
        connection = await client.connection()
        existing = [str(await client.create(connection, key=f"existing-{number}")) for number in range(3)]
        await _leave_the_primary_alone(stage)
        chosen = {"dbConnectionId": connection, "idempotencyKey": "new"}
        asked = await _asked_in_turn(stage, chosen, existing)
        early, late = await asyncio.wait(asked, timeout=BEFORE_AN_ELECTION_S)
        assert [task.result().text for task in early if "errors" not in task.result().json()] == []
        assert late
        await asyncio.wait(asked)
        await stage.ready()
