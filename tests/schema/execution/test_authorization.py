"""Who may select what: declared beside each field, checked before anything runs."""

import itertools
from dataclasses import replace

import pytest
import strawberry
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type, parse

from graphql_api.access.errors import ForbiddenError
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.schema import Schema, build_schema
from graphql_api.schema.execution.authorization import UndeclaredFieldError, declarations, requirements
from graphql_api.schema.requires import Alternatives
from graphql_api.scopes import ALL_SCOPES, Scope
from tests.schema.conftest import Client

BUILT = build_schema()
GRAPHQL = BUILT._schema
DECLARED = declarations(GRAPHQL)
ROOT_FIELDS = [
    f"{root.name}.{name}"
    for root in (GRAPHQL.query_type, GRAPHQL.mutation_type, GRAPHQL.subscription_type)
    if root is not None
    for name in root.fields
]


def needs(document: str, operation: str | None = None) -> set[str]:
    """Return the scopes without which the operation is refused."""
    found = requirements(parse(document), schema=GRAPHQL, declared=DECLARED)
    return {scope for scope in Scope if _is_refused(found, operation, ALL_SCOPES - {scope})}


def _is_refused(found: object, operation: str | None, scopes: frozenset[Scope]) -> bool:
    try:
        found.check(operation, Caller(scopes=scopes))  # type: ignore[attr-defined]  # Requirements
    except ForbiddenError:
        return True
    return False


EXPECTED = {
    Scope.FINETUNINGS_READ: {
        "Finetuning.providerAccount",
        "Query.providerAccount",
        "Query.providerAccounts",
        "Query.finetuning",
        "Query.finetunings",
        "Subscription.finetuningEvents",
        "Subscription.finetuningUpdated",
    },
    Scope.FINETUNINGS_WRITE: {
        "Mutation.createFinetuning",
        "Mutation.deleteFinetuning",
        "Mutation.updateFinetuning",
    },
    Scope.FINETUNINGS_CANCEL: {
        "Mutation.cancelFinetuning",
        "Mutation.cancelFinetunings",
        "Mutation.giveUpFinetuning",
    },
    Scope.GOLDEN_RECORDS_READ: {
        "Finetuning.dbConnection",
        "Query.dbConnection",
        "Query.dbConnections",
        "Query.goldenRecord",
        "Query.goldenRecords",
        "Query.sqlCheck",
    },
    Scope.GOLDEN_RECORDS_WRITE: {
        "Mutation.addGoldenRecords",
        "Mutation.createDbConnection",
        "Mutation.deleteDbConnection",
        "Mutation.deleteGoldenRecord",
        "Mutation.updateDbConnection",
        "Mutation.updateGoldenRecord",
    },
    Scope.ADMIN: {
        "Mutation.createApiKey",
        "Mutation.createProviderAccount",
        "Mutation.deleteProviderAccount",
        "Mutation.disableProviderAccount",
        "Mutation.enableProviderAccount",
        "Mutation.revokeApiKey",
        "Mutation.rotateProviderAccountKey",
        "Mutation.testProviderAccount",
        "Mutation.updateProviderAccount",
        "Query.apiKeys",
        "Query.auditLog",
    },
}


OPEN = ("Query.node", "Query.viewer")


def test_each_field_wants_the_scope_of_its_noun() -> None:
    """Every root field, and each field that leads to another noun; the viewer and a node want none."""
    wanted = {field: frozenset({frozenset({scope})}) for scope in Scope for field in EXPECTED[scope]}
    assert {**wanted, **dict.fromkeys(OPEN, frozenset({frozenset[Scope]()}))} == DECLARED
    assert set(DECLARED) - set(ROOT_FIELDS) == {"Finetuning.dbConnection", "Finetuning.providerAccount"}


@strawberry.type(name="Query")
class Undeclared:
    """A root without a declaration."""

    @strawberry.field
    def one(self) -> int:
        """Return a number."""
        return 1


def test_a_field_without_a_declaration_is_no_schema() -> None:
    """The server does not start, and no schema is printed."""
    with pytest.raises(UndeclaredFieldError, match=r"Query\.one declares no scopes"):
        Schema(query=Undeclared)


DOCUMENTS = {
    "{ viewer { tenant } }": set[str](),
    "{ __schema { types { name } } }": set[str](),
    '{ node(id: "a") { id nodeId __typename } }': set[str](),
    '{ node(id: "a") { ... on Finetuning { id } } }': {"finetunings:read"},
    '{ node(id: "a") { ... { ...R } } } fragment R on GoldenRecord { id }': {"golden_records:read"},
    '{ node(id: "a") { ...N } } fragment N on Node { ... on ApiKey { id } }': {"admin"},
    '{ node(id: "a") { ... on Finetuning { dbConnection { id } } ... on AuditEntry { id } } }': {
        "admin",
        "finetunings:read",
        "golden_records:read",
    },
    'mutation { cancelFinetuning(finetuningId: "a") { ...F } } fragment F on Finetuning { id }': {
        "finetunings:cancel"
    },
    "{ finetunings { nodes { id } } }": {"finetunings:read"},
    "{ finetunings { nodes { dbConnection { id } } } }": {"finetunings:read", "golden_records:read"},
    "{ ...F } fragment F on Query { goldenRecords { nodes { id } } }": {"golden_records:read"},
    "{ ... on Query { ... @include(if: false) { apiKeys { nodes { id } } } } }": {"admin"},
    "{ a: viewer { tenant } b: dbConnections { nodes { id } } }": {"golden_records:read"},
    'mutation { cancelFinetuning(finetuningId: "a") { dbConnection { id } } }': {
        "finetunings:cancel",
        "golden_records:read",
    },
    "subscription { finetuningUpdated { id } }": {"finetunings:read"},
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } "
    "fragment C on Query { finetunings { nodes { ...D } } } "
    "fragment D on Finetuning { dbConnection { id } }": {
        "finetunings:read",
        "golden_records:read",
    },
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_all_that_is_selected_counts(document: str) -> None:
    """Under an alias, in fragments, and even if a directive leaves it out."""
    assert needs(document) == DOCUMENTS[document]


def test_an_operation_needs_only_its_own_scopes() -> None:
    """Not those of another in the same document, or of a fragment that it does not spread."""
    document = """
        query Mine { viewer { tenant } }
        query Theirs { ...F }
        fragment F on Query { apiKeys { nodes { id } } }"""
    assert needs(document, "Mine") == set()
    assert needs(document, "Theirs") == {"admin"}


@pytest.mark.parametrize("coordinate", ROOT_FIELDS)
async def test_each_field_is_refused_without_its_scope(client: Client, coordinate: str) -> None:
    """Before its arguments are looked at; the error names field and scope."""
    required = DECLARED[coordinate]
    for scopes in itertools.chain.from_iterable(_without(required)):
        root, name = coordinate.split(".")
        document = f"{root.lower()} {{ {_selection(root, name)} }}"
        asking = replace(client, caller=replace(ANONYMOUS, scopes=scopes))
        if root == "Subscription":
            (refusal,) = [told async for _, told in asking.follow(document)]
            error = refusal[0]
        else:
            error = await asking.refusal(document)
        assert (error["code"], error["field"]) == ("FORBIDDEN", coordinate)
        assert error["requiredScopes"] == sorted(sorted(one) for one in required)


def _without(required: Alternatives) -> list[list[frozenset[Scope]]]:
    """Return all scopes but one of those required, for each."""
    return [[ALL_SCOPES - {scope} for scope in one] for one in required]


def _selection(root: str, name: str) -> str:
    """Return a valid selection of the field, with a value for each argument that it has to have."""
    kind = GRAPHQL.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    given = [
        f"{argument}: {_value(str(details.type))}"
        for argument, details in kind.fields[name].args.items()
        if isinstance(details.type, GraphQLNonNull) and str(details.type) in VALUES
    ]
    arguments = f"({', '.join(given)})" if given else ""
    is_leaf = is_leaf_type(get_named_type(kind.fields[name].type))
    return f"{name}{arguments}" if is_leaf else f"{name}{arguments} {{ __typename }}"


VALUES = {
    "ID!": '"0123456789abcdef01234567"',
    "String!": '"a"',
    "CreateFinetuningInput!": '{dbConnectionId: "0123456789abcdef01234567", alias: "a"}',
    "UpdateFinetuningInput!": "{}",
    "CreateDbConnectionInput!": '{alias: "a", dialect: "postgres", tableSchemas: []}',
    "UpdateDbConnectionInput!": "{}",
    "AddGoldenRecordsInput!": '{dbConnectionId: "0123456789abcdef01234567", goldenRecords: []}',
    "UpdateGoldenRecordInput!": "{}",
    "CreateApiKeyInput!": '{name: "a", scopes: []}',
    "CreateProviderAccountInput!": '{name: "a", provider: "openai", apiKey: "a"}',
    "RotateProviderAccountKeyInput!": '{apiKey: "a"}',
    "UpdateProviderAccountInput!": "{}",
}


def _value(kind: str) -> str:
    return VALUES[kind]
