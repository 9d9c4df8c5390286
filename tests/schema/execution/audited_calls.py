"""Every mutation with its arguments, and what its audit entry says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CANARY = "canary-d41d8c"
"""Stands in every place for a text of the client."""
METADATA = {CANARY: CANARY}
RECORD = {"promptText": CANARY, "sql": f"SELECT '{CANARY}'", "metadata": METADATA}

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A mutation's arguments as types, their values, and what its entry says of it.

    ``names`` are the documents it names; ``{made}`` stands for the kind of those that only its result names.
    """

    arguments: str
    variables: Variables
    names: tuple[str, ...] = ()
    made: str | None = None
    fields: tuple[str, ...] = ()


CALLS = {
    "createFinetuning": Call(
        arguments="input: CreateFinetuningInput!",
        variables={"input": {"dbConnectionId": "connection", "alias": CANARY, "metadata": METADATA}},
        names=("connection",),
        made="finetuning",
        fields=("dbConnectionId", "alias", "metadata"),
    ),
    "cancelFinetuning": Call(
        arguments="finetuningId: ID!, metadata: StringMap",
        variables={"finetuningId": "finetuning", "metadata": METADATA},
        names=("finetuning",),
    ),
    "giveUpFinetuning": Call(
        arguments="finetuningId: ID!, reason: String!",
        variables={"finetuningId": "finetuning", "reason": CANARY},
        names=("finetuning",),
    ),
    "updateFinetuning": Call(
        arguments="finetuningId: ID!, input: UpdateFinetuningInput!",
        variables={"finetuningId": "finetuning", "input": {"alias": CANARY}},
        names=("finetuning",),
        fields=("alias",),
    ),
    "deleteFinetuning": Call(
        arguments="finetuningId: ID!", variables={"finetuningId": "finetuning"}, names=("finetuning",)
    ),
    "cancelFinetunings": Call(
        arguments="filter: FinetuningFilter, metadata: StringMap",
        variables={"filter": {"status": ["QUEUED"], "dbConnectionId": "connection"}, "metadata": METADATA},
        names=("finetuning",),
        fields=("status", "dbConnectionId"),
    ),
    "addGoldenRecords": Call(
        arguments="input: AddGoldenRecordsInput!",
        variables={"input": {"dbConnectionId": "connection", "goldenRecords": [RECORD, RECORD]}},
        names=("connection",),
        made="golden_record",
        fields=("dbConnectionId", "goldenRecords"),
    ),
    "updateGoldenRecord": Call(
        arguments="goldenRecordId: ID!, input: UpdateGoldenRecordInput!",
        variables={"goldenRecordId": "record", "input": RECORD},
        names=("record",),
        fields=("promptText", "sql", "metadata"),
    ),
    "deleteGoldenRecord": Call(
        arguments="goldenRecordId: ID!", variables={"goldenRecordId": "record"}, names=("record",)
    ),
    "createDbConnection": Call(
        arguments="input: CreateDbConnectionInput!",
        variables={"input": {"alias": CANARY, "dialect": "postgres", "tableSchemas": [CANARY]}},
        made="db_connection",
        fields=("alias", "dialect", "tableSchemas"),
    ),
    "updateDbConnection": Call(
        arguments="dbConnectionId: ID!, input: UpdateDbConnectionInput!",
        variables={"dbConnectionId": "connection", "input": {"alias": CANARY}},
        names=("connection",),
        fields=("alias",),
    ),
    "deleteDbConnection": Call(
        arguments="dbConnectionId: ID!", variables={"dbConnectionId": "connection"}, names=("connection",)
    ),
    "createApiKey": Call(
        arguments="input: CreateApiKeyInput!",
        variables={"input": {"name": CANARY, "scopes": ["finetunings:read"]}},
        made="api_key",
        fields=("name", "scopes"),
    ),
    "createProviderAccount": Call(
        arguments="input: CreateProviderAccountInput!",
        variables={
            "input": {"name": CANARY, "provider": "openai", "apiKey": CANARY, "headers": {"x-a": CANARY}}
        },
        made="provider_account",
        fields=("name", "provider", "apiKey", "headers"),
    ),
    "updateProviderAccount": Call(
        arguments="providerAccountId: ID!, input: UpdateProviderAccountInput!",
        variables={"providerAccountId": "account", "input": {"name": CANARY}},
        names=("account",),
        fields=("name",),
    ),
    "rotateProviderAccountKey": Call(
        arguments="providerAccountId: ID!, input: RotateProviderAccountKeyInput!",
        variables={"providerAccountId": "account", "input": {"apiKey": CANARY}},
        names=("account",),
        fields=("apiKey",),
    ),
    **{
        name: Call(
            arguments="providerAccountId: ID!",
            variables={"providerAccountId": "account"},
            names=("account",),
        )
        for name in (
            "deleteProviderAccount",
            "disableProviderAccount",
            "enableProviderAccount",
            "testProviderAccount",
        )
    },
    "revokeApiKey": Call(arguments="apiKeyId: ID!", variables={"apiKeyId": "key"}, names=("key",)),
}
ENDED_FIRST = {"giveUpFinetuning", "deleteGoldenRecord", "deleteDbConnection"}
"""What is refused as long as the finetuning lives."""


def document(name: str) -> str:
    """Return the mutation with a variable for each argument."""
    declared = [part.split(": ") for part in CALLS[name].arguments.split(", ")]
    variables = ", ".join(f"${argument}: {kind}" for argument, kind in declared)
    arguments = ", ".join(f"{argument}: ${argument}" for argument, _ in declared)
    return f"mutation ({variables}) {{ renamed: {name}({arguments}) {{ __typename }} }}"


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """Return the variables with real ids."""
    if isinstance(value, Mapping):
        return {key: filled(item, ids) for key, item in value.items()}
    return ids.get(value, value) if isinstance(value, str) else value
