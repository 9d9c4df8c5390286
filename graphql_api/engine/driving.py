"""A finetuning is driven: step after step under one lease, for a worker or for a caller who waits."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Protocol

from graphql_api.documents import Finetuning, ObjectId
from graphql_api.engine.advance import advance
from graphql_api.engine.engine import Engine

FIRST_LOOK_S = 0.02
LONGEST_LOOK_S = 0.25
SHORTEST_TURN_S = 1.0
"""With less time left it is not worth asking the provider, only to call it silent."""


class Claim(Protocol):
    """An operation of the store that may take a finetuning's lease, under the token it is given."""

    def __call__(self, *, token: str) -> Coroutine[Any, Any, Finetuning | None]:
        """Return the finetuning as it is then; its lease may be somebody else's."""
        ...


Step = Callable[[Engine, Finetuning], Awaitable[Finetuning | None]]
"""What ``advance`` is: one step under the lease, or ``None`` if nothing was written."""


async def settle(
    engine: Engine, claimed: Finetuning, *, token: str, limit_s: float | None = None, first: Step = advance
) -> Finetuning:
    """Advance the finetuning for as long as ``token`` holds its lease, and return it as it was left.

    The ``first`` step is another one for a caller who has just read what it would ask the provider for.
    After ``limit_s`` seconds the step under way is broken off and recorded as a provider that did not answer.
    """
    held, step, limit = claimed, first, asyncio.timeout(limit_s)
    try:
        async with limit:
            while held.lease is not None and held.lease.token == token:
                left = await step(engine, held) or await engine.store.read(held.id)
                if left is None:
                    break
                held, step = left, advance
    except TimeoutError:
        if not limit.expired():
            raise
        message = f"The provider did not answer within {limit_s:.3g} s."
        due_in_s = engine.pause_s(held)
        left = await engine.store.record_fault(held, message, due_in_s=due_in_s)
        return left or await engine.store.read(held.id) or held
    except asyncio.CancelledError:
        await asyncio.shield(engine.store.release(held))
        raise
    return held


async def take_over(
    engine: Engine, finetuning_id: ObjectId, *, limit_s: float | None = None
) -> Finetuning | None:
    """Settle this finetuning if it is due and nobody holds it; return it as it is then."""
    token = engine.new_token()
    claimed = await granted(engine, partial(engine.store.claim, finetuning_id), token=token)
    if claimed is None:
        return await engine.store.read(finetuning_id)
    return await settle(engine, claimed, token=token, limit_s=limit_s)


async def work_once(engine: Engine) -> bool:
    """Settle the finetuning that has been due for longest; return whether there was one."""
    token = engine.new_token()
    claimed = await granted(engine, engine.store.claim_due, token=token)
    if claimed is None:
        return False
    await settle(engine, claimed, token=token)
    return True


async def within_budget(
    engine: Engine, asked: Finetuning, *, token: str, is_under_way: Callable[[Finetuning], bool]
) -> Finetuning:
    """Drive what was asked for, or wait for whoever drives it, while it is under way and there is time."""
    budget_s = engine.timing.cancel_budget_s
    deadline = engine.monotonic() + budget_s
    latest = await settle(engine, asked, token=token, limit_s=budget_s)
    look_s = FIRST_LOOK_S
    while is_under_way(latest) and engine.monotonic() + look_s < deadline:
        await engine.sleep(look_s)
        left_s = deadline - engine.monotonic()
        if left_s < SHORTEST_TURN_S:
            latest = await engine.store.read(latest.id) or latest
        else:
            latest = await take_over(engine, latest.id, limit_s=left_s) or latest
        look_s = min(look_s * 2, LONGEST_LOOK_S)
    return latest


async def granted(engine: Engine, claim: Claim, *, token: str) -> Finetuning | None:
    """Claim with the token; a lease that is granted to a caller who is cancelled meanwhile is given back."""
    granting = asyncio.create_task(claim(token=token))
    try:
        return await asyncio.shield(granting)
    except asyncio.CancelledError:
        claimed = await granting
        if claimed is not None and claimed.lease is not None and claimed.lease.token == token:
            await engine.store.release(claimed)
        raise
