"""A client of the schema itself, without HTTP in between."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import strawberry
from beanie import PydanticObjectId
from strawberry.types import ExecutionResult

from graphql_api.access.keys import ApiKeys
from graphql_api.audit.log import AuditLog
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import BaseLlm, DbConnection, Finetuning, FinetuningStatus, GoldenRecord
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.following.change_feed import Feed
from graphql_api.schema import Context, Services, build_schema
from tests.world import POLICY, World

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Client:
    """Asks the schema as one caller; ``wakes`` counts how often the worker was told of new work."""

    world: World
    schema: strawberry.Schema
    feed: Feed
    sql_check: SqlCheck
    caller: Caller = ANONYMOUS
    models: ModelPolicy = POLICY
    keys: ApiKeys | None = None
    audit: AuditLog | None = None
    wakes: list[None] = field(default_factory=list)

    async def ask(self, query: str, **variables: Any) -> tuple[Any, list[dict[str, Any]]]:
        """Return the answer's data and its errors, each as its code, message and details."""
        result = await self.schema.execute(query, variable_values=variables, context_value=self.context())
        return result.data, told(result)

    async def follow(self, query: str, **variables: Any) -> AsyncGenerator[tuple[Any, Any], None]:
        """Subscribe, and yield each result's data and its errors."""
        results = await self.schema.subscribe(query, variable_values=variables, context_value=self.context())
        async with aclosing(results):
            async for result in results:
                yield result.data, told(result)

    def context(self) -> Context:
        """Return a request's context."""
        services = Services(
            engine=self.world.engine,
            models=self.models,
            wake_worker=lambda: self.wakes.append(None),
            sql_check=self.sql_check,
            feed=self.feed,
            keys=self.keys,
            audit=self.audit,
        )
        return Context(caller=self.caller, request_id="test", services=services)

    async def data(self, query: str, **variables: Any) -> Any:
        """Return the data of an answer without errors."""
        data, errors = await self.ask(query, **variables)
        assert errors == []
        return data

    async def refusal(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the one error of an answer without data."""
        data, errors = await self.ask(query, **variables)
        assert data is None or set(data.values()) == {None}
        (error,) = errors
        return error

    async def counts(self) -> dict[str, int]:
        """Return how many documents of each kind are stored."""
        kinds = (DbConnection, Finetuning, GoldenRecord)
        return {kind.__name__: await kind.find_all().count() for kind in kinds}


@pytest.fixture(scope="session")
def schema() -> strawberry.Schema:
    """Yield the schema, built one time."""
    return build_schema()


def told(result: ExecutionResult) -> list[dict[str, Any]]:
    """Return each error of the result as its code, message and details."""
    return [{"message": error.message, **(error.extensions or {})} for error in result.errors or ()]


@pytest.fixture
def client(world: World, schema: strawberry.Schema, feed: Feed, sql_check: SqlCheck) -> Client:
    """Yield a client as the anonymous caller."""
    return Client(world=world, schema=schema, feed=feed, sql_check=sql_check)


def many(count: int, of: str) -> str:
    """Return as many selections of this, each under a name of its own."""
    return " ".join(f"a{n}: {of}" for n in range(count))


async def store_finetunings(
    moments: Sequence[datetime],
    *,
    db_connection_id: PydanticObjectId | None = None,
    status: FinetuningStatus = FinetuningStatus.SUCCEEDED,
    tenant: str = ANONYMOUS.tenant,
) -> list[str]:
    """Store finetunings of these moments of creation, and return their ids in the same order."""
    connection_id = db_connection_id or PydanticObjectId()
    finetunings = [
        Finetuning(
            tenant=tenant,
            db_connection_id=connection_id,
            alias="stored",
            status=status,
            base_llm=BaseLlm(model_provider="openai", model_name="gpt-4"),
            created_at=moment,
            updated_at=moment,
            due_at=None,
        )
        for moment in moments
    ]
    await Finetuning.insert_many(finetunings)
    return [str(one.id) for one in finetunings]


def minutes(count: int, *, start: datetime = MIDNIGHT) -> list[datetime]:
    """Return as many moments, a minute apart."""
    return [start + timedelta(minutes=n) for n in range(count)]
