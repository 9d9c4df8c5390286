"""The audit of mutations: round each one, whatever its resolver does, and for each refused operation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from inspect import isawaitable
from itertools import chain
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.utilities import value_from_ast_untyped

from graphql_api.access.errors import ForbiddenError
from graphql_api.audit.attempts import Attempt, named
from graphql_api.audit.call_log import logged
from graphql_api.documents import (
    ApiKey,
    AuditTarget,
    AuditTargetKind,
    DbConnection,
    Finetuning,
    GoldenRecord,
    ProviderAccount,
)
from graphql_api.schema.context import Context

Kind = AuditTargetKind

DOCUMENTS: Mapping[type, Kind] = {
    ApiKey: Kind.API_KEY,
    DbConnection: Kind.DB_CONNECTION,
    Finetuning: Kind.FINETUNING,
    GoldenRecord: Kind.GOLDEN_RECORD,
    ProviderAccount: Kind.PROVIDER_ACCOUNT,
}
NAMES: Mapping[str, Kind] = {
    "apiKeyId": Kind.API_KEY,
    "dbConnectionId": Kind.DB_CONNECTION,
    "finetuningId": Kind.FINETUNING,
    "finetuningIds": Kind.FINETUNING,
    "goldenRecordId": Kind.GOLDEN_RECORD,
    "providerAccountId": Kind.PROVIDER_ACCOUNT,
}
"""The arguments and inputs that name documents to change."""
WITH_FIELDS = ("input", "filter")
"""The arguments whose fields' names are told; those of other objects come from clients, as in metadata."""

Resolver = Callable[..., Any]


def audit_mutations(schema: GraphQLSchema) -> None:
    """Put the audit and the log round every mutation of the schema."""
    if schema.mutation_type is not None:
        for name, field in schema.mutation_type.fields.items():
            assert field.resolve is not None  # noqa: S101  Strawberry gives every field its resolver
            field.resolve = _audited(name, field.resolve)


def _audited(action: str, resolve: Resolver) -> Resolver:
    async def resolve_audited(root: Any, info: GraphQLResolveInfo[Context], **given: Any) -> Any:
        context: Context = info.context
        attempt = Attempt(
            action=action,
            caller=context.caller,
            request_id=context.request_id,
            targets=named(_named_in(given)),
            fields=_fields(given),
        )
        is_dry_run = given.get("dryRun", False)
        result = _result(resolve, root, info, given)
        doing = logged(attempt, result, made=_made_in, is_dry_run=is_dry_run)
        if context.audit is None or is_dry_run:
            return await doing
        return await context.audit.around(attempt, doing, made=_made_in)

    return resolve_audited


async def _result(resolve: Resolver, root: Any, info: GraphQLResolveInfo[Context], given: Any) -> Any:
    result = resolve(root, info, **given)
    return await result if isawaitable(result) else result


def note_forbidden(
    refused: ForbiddenError,
    document: DocumentNode,
    *,
    operation_name: str | None,
    variables: Any,
    context: Context,
) -> None:
    """Note an operation that its caller may not run; nothing but its document has been looked at yet."""
    if context.audit is None:
        return
    arguments = (
        {
            one.name.value: value_from_ast_untyped(one.value, variables)
            for one in node.arguments or ()
            if one.name.value in NAMES or one.name.value == "input"
        }
        for node in _mutations(document, operation_name)
    )
    attempt = Attempt(
        action=str(refused.details["field"]).removeprefix("Mutation."),
        caller=context.caller,
        request_id=context.request_id,
        targets=named(chain.from_iterable(map(_named_in, arguments))),
    )
    context.audit.note(attempt.refused(refused.code))


def _mutations(document: DocumentNode, operation_name: str | None) -> Iterator[FieldNode]:
    """Yield the fields of the operation, if it is a mutation."""
    for one in document.definitions:
        if (
            isinstance(one, OperationDefinitionNode)
            and one.operation is OperationType.MUTATION
            and (operation_name is None or (one.name and one.name.value == operation_name))
        ):
            yield from (node for node in one.selection_set.selections if isinstance(node, FieldNode))


def _named_in(given: Mapping[str, Any]) -> Iterator[tuple[Kind, object]]:
    """Yield what the arguments and the input name; it may be anything if no type was checked yet."""
    for part in (given, given.get("input")):
        if isinstance(part, Mapping):
            for name, kind in NAMES.items():
                value = part.get(name)
                yield from ((kind, one) for one in (value if isinstance(value, list) else [value]))


def _fields(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the given fields of inputs and filters."""
    return tuple(
        field for name in WITH_FIELDS if isinstance(value := given.get(name), Mapping) for field in value
    )


def _made_in(result: Any) -> Iterator[AuditTarget]:
    """Yield the documents in a resolver's result: alone, in a list or in a payload."""
    if (kind := DOCUMENTS.get(type(result))) is not None:
        yield AuditTarget.model_construct(kind=kind, id=str(result.id))
    elif isinstance(result, Sequence) and not isinstance(result, str):
        for one in result:
            yield from _made_in(one)
    elif is_dataclass(result):
        for part in fields(result):
            yield from _made_in(getattr(result, part.name))
