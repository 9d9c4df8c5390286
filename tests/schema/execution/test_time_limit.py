"""The time limit of operations."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import strawberry
from strawberry.types import ExecutionResult

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import FinetuningStatus
from graphql_api.errors import SAFE_TO_REPEAT
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.schema import Schema, build_schema
from graphql_api.schema.execution.errors import ErrorCodes
from graphql_api.schema.execution.limits import DEFAULT_LIMITS
from graphql_api.schema.execution.preparation import Preparations
from graphql_api.schema.execution.time_limit import TimeLimit
from graphql_api.schema.requires import requires
from graphql_api.schema.workload import Workload
from graphql_api.turns import LoopTurns
from tests.schema.conftest import Client, told

LIMIT_S = 0.05
TIMED_OUT = {
    "code": "OPERATION_TIMED_OUT",
    "message": f"The operation took longer than {LIMIT_S} s; what it began may go on. {SAFE_TO_REPEAT}",
}
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { id } }"


@strawberry.type
class Query:
    """Answers that take their time."""

    @strawberry.field(directives=requires())
    async def never(self) -> int:
        """Wait for ever."""
        await asyncio.Event().wait()
        return 1

    @strawberry.field(directives=requires())
    async def late(self) -> int | None:
        """Fail for a time limit of its own."""
        raise TimeoutError


@strawberry.type
class Subscription:
    """Streams that take their time."""

    @strawberry.subscription(directives=requires())
    async def lasting(self) -> AsyncIterator[int]:
        """Yield one number now, and one after the time limit."""
        yield 1
        await asyncio.sleep(3 * LIMIT_S)
        yield 2


SCHEMA = Schema(
    query=Query,
    subscription=Subscription,
    extensions=[ErrorCodes, Preparations(limits=DEFAULT_LIMITS).step, lambda: TimeLimit(LIMIT_S)],
)


def context() -> SimpleNamespace:
    """Return a request's context."""
    return SimpleNamespace(caller=ANONYMOUS, request_id="test", workload=Workload(), turns=LoopTurns())


async def test_an_operation_has_a_time_limit() -> None:
    """In one answer as in a stream."""
    assert told(await SCHEMA.execute("{ never }", context_value=context())) == [TIMED_OUT]
    (ended,) = [one async for one in await SCHEMA.stream("{ never }", context_value=context())]
    assert isinstance(ended, ExecutionResult)
    assert told(ended) == [TIMED_OUT]


async def test_a_fields_own_time_limit_is_another() -> None:
    """It is the field's error."""
    answer = await SCHEMA.execute("{ late }", context_value=context())
    assert answer.data == {"late": None}
    assert [error["code"] for error in told(answer)] == ["INTERNAL_SERVER_ERROR"]


async def test_a_subscription_may_last() -> None:
    """Only its beginning has the limit."""
    results = await SCHEMA.subscribe("subscription { lasting }", context_value=context())
    assert [one.data async for one in results] == [{"lasting": 1}, {"lasting": 2}]


async def test_a_cancel_over_the_limit_is_not_lost(client: Client) -> None:
    """Its caller hears that it may be recorded; the worker carries it out."""
    finetuning = await client.world.created_and_training()
    client.world.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    hasty = Client(
        world=client.world,
        schema=build_schema(timeout_s=1),
        feed=client.feed,
        sql_check=client.sql_check,
    )
    refusal = await hasty.refusal(CANCEL, id=str(finetuning.id))
    assert refusal["code"] == "OPERATION_TIMED_OUT"
    await client.world.drain()
    assert (await client.world.read(finetuning)).status is FinetuningStatus.CANCELLED
    assert client.world.live_jobs() == []
