"""The GraphQL schema, composed of one module per noun."""

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphql_api.schema.bulk_cancellation import BulkCancellationMutation
from graphql_api.schema.context import Context, Services
from graphql_api.schema.db_connection import DbConnectionQuery
from graphql_api.schema.db_connection_changes import DbConnectionMutation
from graphql_api.schema.errors import ErrorCodes
from graphql_api.schema.finetuning_deletion import FinetuningDeletionMutation
from graphql_api.schema.finetuning_operations import FinetuningMutation, FinetuningQuery
from graphql_api.schema.finetuning_subscription import FinetuningSubscription
from graphql_api.schema.finetuning_update import FinetuningUpdateMutation
from graphql_api.schema.golden_record import GoldenRecordQuery
from graphql_api.schema.golden_record_changes import GoldenRecordMutation
from graphql_api.schema.scalars import SCALARS
from graphql_api.schema.starting import AnnounceStart

__all__ = ["Context", "Services", "build_schema", "schema_sdl"]

CACHED_DOCUMENTS = 500
MOST_TOKENS = 5_000
"""No document of a person or a code generator comes near; it also bounds what the caches hold."""


@strawberry.type(description="What can be read. No query ever calls the provider.")
class Query(FinetuningQuery, GoldenRecordQuery, DbConnectionQuery):
    """The root of all queries."""


@strawberry.type(description="What can be changed.")
class Mutation(
    FinetuningMutation,
    FinetuningUpdateMutation,
    BulkCancellationMutation,
    FinetuningDeletionMutation,
    GoldenRecordMutation,
    DbConnectionMutation,
):
    """The root of all mutations."""


@strawberry.type(description="What can be followed. No subscription ever calls the provider.")
class Subscription(FinetuningSubscription):
    """The root of all subscriptions."""


class Schema(strawberry.Schema):
    """The schema; its errors are logged where they are given their codes, and nowhere else."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here."""


def build_schema() -> strawberry.Schema:
    """Return the executable schema."""
    # Strawberry keeps the caches for all requests; the factories only make what refers to them.
    factories: list[Any] = [
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ]
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[ErrorCodes, AnnounceStart, *factories],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def schema_sdl() -> str:
    """Return the schema in GraphQL's schema definition language."""
    return build_schema().as_str() + "\n"
