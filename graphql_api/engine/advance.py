"""``advance`` moves a finetuning one step towards what is wanted; ``settle`` repeats it under one lease.

The cancel mutation and the worker both go through here: there is no second path to the provider.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bson import ObjectId

from graphql_api.documents import Finetuning, Wanted
from graphql_api.engine import training_file
from graphql_api.engine.engine import Engine
from graphql_api.engine.stopping import close_unsubmitted, stop
from graphql_api.engine.training import look_up, submit, watch


async def advance(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Take one step under the lease of ``held``; ``None`` if the world had changed: nothing was written."""
    job_id, file_id = held.finetuning_job_id, held.finetuning_file_id
    stopping = held.wanted.stops
    if held.status.is_terminal:
        deletes = held.wanted is Wanted.DELETE
        return await (training_file.bury if deletes else training_file.discard)(engine, held)
    if job_id is not None:
        return await (stop if stopping else watch)(engine, held, job_id=job_id)
    if held.submission is not None:
        return await look_up(engine, held, submitted_at=held.submission.marked_at)
    if stopping:
        return await close_unsubmitted(engine, held)
    if file_id is None:
        return await training_file.upload(engine, held)
    if held.file_wait is not None and held.file_wait.processed is False:
        return await training_file.await_processed(engine, held, file_id=file_id)
    return await submit(engine, held, file_id=file_id)


async def settle(
    engine: Engine, claimed: Finetuning, *, token: str, limit_s: float | None = None
) -> Finetuning:
    """Advance the finetuning for as long as ``token`` holds its lease, and return it as it was left.

    After ``limit_s`` seconds the step under way is broken off and recorded as a provider that did not answer.
    """
    held, limit = claimed, asyncio.timeout(limit_s)
    try:
        async with limit:
            while held.lease is not None and held.lease.token == token:
                left = await advance(engine, held) or await engine.store.read(held.id)
                if left is None:
                    break
                held = left
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
    claimed = await granted(engine, engine.store.claim(finetuning_id, token=token), token=token)
    if claimed is None:
        return await engine.store.read(finetuning_id)
    return await settle(engine, claimed, token=token, limit_s=limit_s)


async def work_once(engine: Engine) -> bool:
    """Settle the finetuning that has been due for longest; return whether there was one."""
    token = engine.new_token()
    claimed = await granted(engine, engine.store.claim_due(token=token), token=token)
    if claimed is None:
        return False
    await settle(engine, claimed, token=token)
    return True


async def granted(
    engine: Engine, claim: Coroutine[Any, Any, Finetuning | None], *, token: str
) -> Finetuning | None:
    """Wait for the claim; a lease that is granted to a caller who is cancelled meanwhile is given back."""
    granting = asyncio.create_task(claim)
    try:
        return await asyncio.shield(granting)
    except asyncio.CancelledError:
        claimed = await granting
        if claimed is not None and claimed.lease is not None and claimed.lease.token == token:
            await engine.store.release(claimed)
        raise
