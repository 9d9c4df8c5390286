"""The work of the actors, one use case for each role.

A use case is called as its caller would, and the oracle hears its answer.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from exploration.actor import Actor
from exploration.memory_sources import CONNECTION_ID
from exploration.parts import Role
from exploration.provider import OPENAI
from graphql_api.caller import ANONYMOUS
from graphql_api.engine.driving import work_once
from graphql_api.engine.engine import Engine
from graphql_api.errors import (
    FinetuningNotCancellableError,
    FinetuningNotFoundError,
    FinetuningNotStuckError,
)
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.finetunings.create import CreateRequest
from graphql_api.finetunings.delete import delete
from graphql_api.providers.port import ProviderFault, ProviderHint
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope
from graphql_api.upkeep.status_sync import sync

if TYPE_CHECKING:
    from exploration.system import System

REQUEST = CreateRequest(db_connection_id=str(CONNECTION_ID), alias="library", idempotency_key="once")
POLICY = ModelPolicy(default_model="m")
HINT = ProviderHint(delivery_id="wh-1", job_id="ftjob-1")

Work = Callable[["System", Actor, Engine], Coroutine[Any, Any, None]]


async def _create(system: "System", actor: Actor, engine: Engine) -> None:
    """Create with an idempotency key; a client repeats a broken-off call."""
    answer = await system.parts.create(REQUEST, caller=ANONYMOUS, policy=POLICY, engine=engine)
    system.oracle.created_for_client(answer)
    system.known_as(answer.id)


async def _work(system: "System", actor: Actor, engine: Engine) -> None:
    while True:
        await actor.idle()
        await work_once(engine)


async def _cancel(system: "System", actor: Actor, engine: Engine) -> None:
    try:
        answer = await system.parts.cancel(str(system.id), metadata=None, caller=ANONYMOUS, engine=engine)
    except FinetuningNotCancellableError as refusal:
        system.oracle.refused(str(refusal.details["status"]))
    except FinetuningNotFoundError:
        system.oracle.not_found()
    else:
        system.oracle.answered(answer)


async def _cancel_many(system: "System", actor: Actor, engine: Engine) -> None:
    """Record a cancel as those of many are recorded, without seeing it through."""
    request = CancelRequest(metadata=None, requested_by=None)
    await engine.upkeep.request_cancels([system.id], scope=TenantScope.of(ANONYMOUS), request=request)
    system.oracle.recorded()


async def _delete(system: "System", actor: Actor, engine: Engine) -> None:
    system.oracle.deleted(await delete(str(system.id), caller=ANONYMOUS, engine=engine))


async def _give_up(system: "System", actor: Actor, engine: Engine) -> None:
    """Give up; this is refused while all is well."""
    with suppress(FinetuningNotStuckError, FinetuningNotCancellableError, FinetuningNotFoundError):
        given_up = await system.parts.give_up(
            str(system.id), reason="no patience", caller=ANONYMOUS, engine=engine
        )
        system.oracle.given_up_for_client(given_up)


async def _hint(system: "System", actor: Actor, engine: Engine) -> None:
    """Take a webhook; an unacknowledged one is delivered again."""
    await system.parts.take_hint(HINT, account=OPENAI, engine=engine)
    system.oracle.acknowledged()


async def _sweep(system: "System", actor: Actor, engine: Engine) -> None:
    with suppress(ProviderFault):
        await system.parts.sweep(engine, await engine.account(OPENAI))


async def _sync(system: "System", actor: Actor, engine: Engine) -> None:
    """Synchronise in bulk, however few there are."""
    with suppress(ProviderFault):
        await sync(engine, await engine.account(OPENAI), handful=0)


WORK: dict[Role, Work] = {
    Role.CREATE: _create,
    Role.WORKER: _work,
    Role.CANCEL: _cancel,
    Role.CANCEL_MANY: _cancel_many,
    Role.DELETE: _delete,
    Role.GIVE_UP: _give_up,
    Role.WEBHOOK: _hint,
    Role.SWEEP: _sweep,
    Role.SYNC: _sync,
}
"""The work of each role's actor."""
