"""Every field of the schema, asked for by one tenant beside another: no word of the other one comes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from beanie import PydanticObjectId
from graphql import GraphQLNonNull as NonNull
from graphql import GraphQLObjectType, get_named_type, is_interface_type, is_leaf_type

from graphql_api.documents import ApiKey, DbConnection, Finetuning, FinetuningStatus, ProviderAccount
from graphql_api.finetunings.cancel_many import MOST_AT_ONCE
from graphql_api.schema import build_schema
from tests.schema.conftest import minutes, store_finetunings
from tests.schema.tenants.estate import Estate
from tests.schema.tenants.trials import TRIALS

GRAPHQL = build_schema()._schema
IDS = {
    "dbConnection": "connection",
    "goldenRecord": "record",
    "finetuning": "training",
    "providerAccount": "account",
    "node": "training",
}
"""By field, what a client of each tenant asks for."""
MAKES = {
    "Mutation.createApiKey": (
        'createApiKey(input: {name: "a", scopes: ["admin"]}) { apiKey { id } }',
        ApiKey,
    ),
    "Mutation.createDbConnection": (
        'createDbConnection(input: {alias: "a", dialect: "sqlite"}) { id }',
        DbConnection,
    ),
    "Mutation.createProviderAccount": (
        'createProviderAccount(input: {name: "a", provider: "openai", apiKey: "b"}) { id }',
        ProviderAccount,
    ),
}
"""Mutations that only make something new."""
EVERY = ", ".join(status.name for status in FinetuningStatus)


def fields_of(root: str) -> dict[str, Any]:
    """Return the fields of a root by name."""
    kind = GRAPHQL.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    return dict(kind.fields)


def everything(kind: Any) -> str:
    """Return a selection of all that an answer of this type can have."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if is_interface_type(named):  # all its types have cases of their own
        return f"{{ id nodeId ... on Finetuning {everything(GRAPHQL.type_map['Finetuning'])} }}"
    inner = " ".join(f"{name} {everything(field.type)}" for name, field in named.fields.items())
    return f"{{ {inner} }}"


def document_of(name: str) -> str:
    """Return a query for everything of one field."""
    field = fields_of("Query")[name]
    wanted = [argument for argument, details in field.args.items() if isinstance(details.type, NonNull)]
    given = {"first": "5"} if "first" in field.args else {"id": "$x"} if wanted == ["id"] else {}
    assert set(wanted) <= set(given), f"{name} wants arguments that no case gives it"
    arguments = f"({', '.join(f'{one}: {value}' for one, value in given.items())})" if given else ""
    head = "query($x: ID!)" if wanted else "query"
    return f"{head} {{ {name}{arguments} {everything(field.type)} }}"


def unknown_roots() -> Iterator[str]:
    """Yield the changing and the streaming fields without a case."""
    known = {trial.place.partition("(")[0] for trial in TRIALS} | set(MAKES)
    for root in ("Mutation", "Subscription"):
        yield from (one for name in fields_of(root) if (one := f"{root}.{name}") not in known)


def test_every_root_field_has_its_case() -> None:
    """A new query is found by itself, if it wants no more than an id; a new change comes with a trial."""
    assert list(unknown_roots()) == []


OF_NO_TENANT = {"sqlCheck"}
"""What is a setting of the server, the same for all."""


@pytest.mark.parametrize("name", sorted(set(fields_of("Query")) - OF_NO_TENANT))
async def test_a_query_says_nothing_of_another_tenant(mine: Estate, theirs: Estate, name: str) -> None:
    """Whatever it selects; and it does say something of one's own."""
    own = mine.names[IDS.get(name, "connection")][0].text
    answer = (await mine.told(document_of(name), x=own)).decode()
    assert '[{"' in answer
    assert answer.endswith(",[]]")
    assert mine.client.caller.tenant in answer
    assert [word for word in await theirs.secrets() if word in answer] == []


async def test_a_finetuning_does_not_lead_to_another_tenants_connection(mine: Estate, theirs: Estate) -> None:
    """Its loader finds the caller's alone, even if the document names another's."""
    document = "query($x: ID!) { finetuning(id: $x) { dbConnection { alias } } }"
    training = mine.names["training"][0].text
    told = []
    for name in theirs.names["connection"]:
        await Finetuning.get_pymongo_collection().update_one(
            {"_id": PydanticObjectId(training)},
            {"$set": {"db_connection_id": PydanticObjectId(name.text)}},
        )
        told.append(await mine.told(document, x=training))
    assert told == [b'[{"finetuning":{"dbConnection":null}},[]]'] * 2


async def test_a_finetuning_does_not_lead_to_another_tenants_account(mine: Estate, theirs: Estate) -> None:
    """Nor does the list of finetunings."""
    training, foreign = mine.names["training"][0].text, theirs.names["account"][0].text
    await Finetuning.get_pymongo_collection().update_one(
        {"_id": PydanticObjectId(training)}, {"$set": {"provider_account_id": PydanticObjectId(foreign)}}
    )
    answer = await mine.told("query($x: ID!) { finetuning(id: $x) { providerAccount { name } } }", x=training)
    assert answer == b'[{"finetuning":{"providerAccount":null}},[]]'


@pytest.mark.parametrize("is_dry", ["true", "false"])
async def test_a_filter_of_all_cancels_ones_own_alone(mine: Estate, theirs: Estate, is_dry: str) -> None:
    """Two of them, and the other tenant's go on untouched."""
    before = await theirs.stored()
    cancel = f"cancelFinetunings(dryRun: {is_dry}, filter: {{status: [{EVERY}]}})"
    answer = (await mine.told(f"mutation {{ {cancel} {{ count results {{ finetuningId }} }} }}")).decode()
    assert answer.startswith('[{"cancelFinetunings":{"count":2,')
    assert [word for word in await theirs.secrets() if word in answer] == []
    assert await theirs.stored() == before


async def test_too_many_for_one_cancel_are_counted_without_another_tenants(
    mine: Estate, theirs: Estate
) -> None:
    """The error names the number of one's own."""
    live = FinetuningStatus.QUEUED
    tenant = mine.client.caller.tenant
    await store_finetunings(minutes(MOST_AT_ONCE - 1), status=live, tenant=tenant)
    refusal = await mine.client.refusal(
        f"mutation {{ cancelFinetunings(filter: {{status: [{EVERY}]}}) {{ count }} }}"
    )
    assert refusal["message"].startswith(f"The filter matches {MOST_AT_ONCE + 1} live finetunings;")


@pytest.mark.parametrize("name", MAKES)
async def test_what_a_caller_makes_is_its_tenants(mine: Estate, theirs: Estate, name: str) -> None:
    """One document more, and none for the other tenant."""
    call, kind = MAKES[name]
    of_tenant = {"tenant": mine.client.caller.tenant}
    before, theirs_before = await kind.find(of_tenant).count(), await theirs.stored()
    answer = await mine.told(f"mutation {{ {call} }}")
    assert answer.endswith(b",[]]")
    assert await kind.find(of_tenant).count() == before + 1
    assert await theirs.stored() == theirs_before


async def test_a_tenant_without_anything_sees_nothing(mine: Estate, theirs: Estate) -> None:
    """Not even the number of the others' things."""
    nobody = replace(mine.client, caller=replace(mine.client.caller, tenant="cole"))
    for name in ("apiKeys", "auditLog", "dbConnections", "finetunings", "goldenRecords", "providerAccounts"):
        page = await nobody.data(f"{{ {name} {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}")
        assert page[name] == {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
