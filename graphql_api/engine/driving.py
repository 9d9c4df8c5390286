"""Drives a finetuning under one lease, step after step.

A worker does so in the background, and a request with a caller waiting for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from graphql_api.documents import Finetuning, ObjectId
from graphql_api.engine.advance import advance
from graphql_api.engine.engine import Engine

FIRST_LOOK_S = 0.02
LONGEST_LOOK_S = 0.25
SHORTEST_TURN_S = 1.0
"""With less time left a call to the provider would only end in a false timeout."""


class Claim(Protocol):
    """An operation of the store for taking a finetuning's lease under the given token, if it is free."""

    def __call__(self, *, token: str) -> Coroutine[Any, Any, Finetuning | None]:
        """Return the finetuning after it; its lease may be another holder's."""
        ...


Step = Callable[[Engine, Finetuning], Awaitable[Finetuning | None]]
"""A function like ``advance``: one step under the lease, or ``None`` if nothing was written."""


async def settle(
    engine: Engine, claimed: Finetuning, *, token: str, limit_s: float | None = None, first: Step = advance
) -> Finetuning:
    """Advance the finetuning as long as ``token`` holds its lease, and return its last state.

    A caller with a fresh answer of the provider gives another ``first`` step. After ``limit_s`` seconds the
    step under way is broken off and recorded as a missing answer of the provider.
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
    """Settle this finetuning if it is due and nobody holds it; return it as it is after that."""
    token = engine.new_token()
    claimed = await granted(engine, partial(engine.store.claim, finetuning_id), token=token)
    if claimed is None:
        return await engine.store.read(finetuning_id)
    return await settle(engine, claimed, token=token, limit_s=limit_s)


async def work_once(engine: Engine) -> bool:
    """Settle the longest due finetuning of an account with room for a turn; return whether there was one."""
    token = engine.new_token()
    busy = [account for account, turns in engine.turns.items() if turns >= engine.most_turns]
    claimed = await granted(engine, partial(engine.store.claim_due, apart_from=busy), token=token)
    if claimed is None:
        return False
    with _turn(engine, claimed):
        await settle(engine, claimed, token=token)
    return True


@contextmanager
def _turn(engine: Engine, claimed: Finetuning) -> Iterator[None]:
    """Count the turn of a tenant's account."""
    account_id = claimed.provider_account_id
    if account_id is None:
        yield
        return
    engine.turns[account_id] += 1
    try:
        yield
    finally:
        engine.turns[account_id] -= 1
        if not engine.turns[account_id]:
            del engine.turns[account_id]


async def within_budget(
    engine: Engine, asked: Finetuning, *, token: str, is_under_way: Callable[[Finetuning], bool]
) -> Finetuning:
    """Drive the request, or wait for its present driver, as long as it is under way and there is time."""
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
    """Claim with the token; if the caller is cancelled in the meantime, a granted lease is given back."""
    granting = asyncio.create_task(claim(token=token))
    try:
        return await asyncio.shield(granting)
    except asyncio.CancelledError:
        claimed = await granting
        if claimed is not None and claimed.lease is not None and claimed.lease.token == token:
            await engine.store.release(claimed)
        raise
