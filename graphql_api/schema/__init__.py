"""The GraphQL schema, one module per noun."""

from functools import partial
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.metrics import Metrics
from graphql_api.schema.access.mutations import ApiKeyMutation
from graphql_api.schema.access.queries import AccessQuery
from graphql_api.schema.audit.queries import AuditQuery
from graphql_api.schema.context import Context, Services
from graphql_api.schema.db_connection.mutations import DbConnectionMutation
from graphql_api.schema.db_connection.queries import DbConnectionQuery
from graphql_api.schema.execution.auditing import audit_mutations
from graphql_api.schema.execution.authorization import declarations
from graphql_api.schema.execution.errors import ErrorCodes
from graphql_api.schema.execution.limits import DEFAULT_LIMITS, Limits
from graphql_api.schema.execution.observation import Observation
from graphql_api.schema.execution.preparation import Preparations
from graphql_api.schema.execution.repetition import without_repetitions
from graphql_api.schema.execution.time_limit import OPERATION_TIMEOUT_S, TimeLimit
from graphql_api.schema.execution.turns import TurnTaking
from graphql_api.schema.finetuning.cancel_many import BulkCancellationMutation
from graphql_api.schema.finetuning.mutations import FinetuningMutation
from graphql_api.schema.finetuning.queries import FinetuningQuery
from graphql_api.schema.finetuning.subscriptions import FinetuningSubscription
from graphql_api.schema.golden_record.mutations import GoldenRecordMutation
from graphql_api.schema.golden_record.queries import GoldenRecordQuery
from graphql_api.schema.node.queries import NodeQuery
from graphql_api.schema.provider_account.mutations import ProviderAccountMutation
from graphql_api.schema.provider_account.queries import ProviderAccountQuery
from graphql_api.schema.scalars import SCALARS

__all__ = ["Context", "Limits", "Services", "build_schema", "schema_sdl"]


@strawberry.type(description="Everything to read. No query ever calls the provider.")
class Query(
    FinetuningQuery,
    GoldenRecordQuery,
    DbConnectionQuery,
    ProviderAccountQuery,
    AccessQuery,
    AuditQuery,
    NodeQuery,
):
    """The root of all queries."""


@strawberry.type(description="Everything to change.")
class Mutation(
    FinetuningMutation,
    BulkCancellationMutation,
    GoldenRecordMutation,
    DbConnectionMutation,
    ProviderAccountMutation,
    ApiKeyMutation,
):
    """The root of all mutations."""


@strawberry.type(description="Everything to follow live. No subscription ever calls the provider.")
class Subscription(FinetuningSubscription):
    """The root of all subscriptions."""


class Schema(strawberry.Schema):
    """The schema: declared scopes, audited mutations, turns, and no result twice in a row.

    It logs no errors, because ``ErrorCodes`` does.

    Raises ``UndeclaredFieldError`` for a field that has to declare its scopes and does not.
    """

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts, execution_context_class=TurnTaking)
        self.declared = declarations(self._schema)
        audit_mutations(self._schema)

    async def stream(self, *operation: Any, **given: Any) -> Any:
        """Return the operation's results, without those that repeat the last one about the same."""
        context, results = given.get("context_value"), await super().stream(*operation, **given)
        return without_repetitions(results, subject=lambda: getattr(context, "subject", None))

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here."""


def build_schema(
    limits: Limits = DEFAULT_LIMITS,
    *,
    trusted: frozenset[str] | None = None,
    metrics: Metrics | None = None,
    budgets: Budgets = UNLIMITED,
    exposed: bool = True,
    timeout_s: float = OPERATION_TIMEOUT_S,
) -> strawberry.Schema:
    """Return the executable schema; given ``trusted`` texts, it runs these alone.

    Unless it is ``exposed``, it refuses introspection, and errors suggest no names. Each operation takes
    from its caller's ``budgets``, and ends after ``timeout_s``.
    """
    observation = partial(Observation, metrics or Metrics())
    preparations = Preparations(limits=limits, trusted=trusted, exposed=exposed, budgets=budgets)
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[
            observation,
            partial(ErrorCodes, suggesting=exposed),
            preparations.step,
            partial(TimeLimit, timeout_s),
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def schema_sdl() -> str:
    """Return the schema in GraphQL's schema definition language, in alphabetical order.

    Additions do not disturb this order. Only the printed schema is sorted: a sorted schema reads the values
    of enums as mere strings.
    """
    config = StrawberryConfig(scalar_map=SCALARS, sort_schema=True)
    return Schema(query=Query, mutation=Mutation, subscription=Subscription, config=config).as_str() + "\n"
