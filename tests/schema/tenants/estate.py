"""All that one tenant has, of every kind and in every state that a client can name."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from beanie import PydanticObjectId

from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from graphql_api.audit.attempts import Attempt, named
from graphql_api.caller import Caller
from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection, delete_db_connection
from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records, delete_golden_record
from graphql_api.documents import (
    ApiKey,
    AuditEntry,
    AuditTargetKind,
    DbConnection,
    Finetuning,
    GoldenRecord,
    ProviderAccount,
)
from graphql_api.documents.paging import DatedDocument, Position
from graphql_api.finetunings.delete import delete
from graphql_api.scopes import ALL_SCOPES
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.history import Place
from graphql_api.tenancy import TenantScope
from tests.accounts.stage import account_of
from tests.schema.conftest import Client
from tests.world import TABLE, UNCHECKED, World

FAULT = {"message": "of no account", "at": "$$NOW", "attempts": 1}
KINDS = (ApiKey, AuditEntry, DbConnection, Finetuning, GoldenRecord, ProviderAccount)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a client writes to name a thing; ``inside`` are the ids that it is made of."""

    text: str
    inside: tuple[str, ...] = ()

    def hidden(self, answer: bytes) -> bytes:
        """Return the answer without the name itself."""
        for part in (self.text, *self.inside):
            answer = answer.replace(part.encode(), b"?")
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """A client of one tenant, and names of all that the tenant has, by kind.

    Beside each name is another of the same kind and length that nobody has.
    """

    client: Client
    names: dict[str, tuple[Reference, Reference]]

    async def told(self, document: str, **variables: Any) -> bytes:
        """Return the whole answer, as the bytes of its JSON."""
        client = self.client
        used = {name: value for name, value in variables.items() if f"${name}:" in document}
        if document.startswith("subscription"):
            results = [one async for one in client.follow(document, **used)]
            return orjson.dumps(results)
        result = await client.schema.execute(document, variable_values=used, context_value=client.context())
        return orjson.dumps([result.data, [error.formatted for error in result.errors or ()]])

    async def stored(self) -> list[dict[str, Any]]:
        """Return every document of the tenant, deleted ones included, as MongoDB has it."""
        tenant = self.client.caller.tenant
        mine = {"$or": [{"tenant": tenant}, {"deleted_tenant": tenant}]}
        found = [await kind.get_pymongo_collection().find(mine).to_list() for kind in KINDS]
        return [one for documents in found for one in documents]

    async def secrets(self) -> set[str]:
        """Return the words that no other tenant may see: its name, its ids, its provider's ids."""
        stored = await self.stored()
        fields = ("_id", "finetuning_job_id", "finetuning_file_id")
        ids = {str(one[field]) for one in stored for field in fields if one.get(field)}
        return {self.client.caller.tenant, *ids}


async def settled(client: Client, tenant: str) -> Estate:
    """Return a new tenant with one of everything; every text of it has the tenant's name."""
    caller = Caller(tenant=tenant, subject=f"{tenant}-ann", scopes=ALL_SCOPES)
    world = replace(client.world, caller=caller)
    keys = ApiKeys(pepper=b"pepper" * 8, endings=Endings())
    mine = replace(client, caller=caller, world=world, keys=keys, sql_check=UNCHECKED)
    connection = await _connection(world)
    record, buried = await GoldenRecord.find({"db_connection_id": connection.id}).limit(2).to_list()
    await delete_golden_record(str(buried.id), caller=caller)
    gone = await create_db_connection(NewDbConnection(alias=f"{tenant}'s", dialect="sqlite"), caller=caller)
    await delete_db_connection(str(gone.id), caller=caller)
    account = await account_of(world, name=f"{tenant}'s", default_model=f"gpt-of-{tenant}")
    training = await world.created_and_training(
        db_connection_id=str(connection.id), alias=f"{tenant}'s", provider_account_id=str(account.id)
    )
    with_key = {"db_connection_id": str(connection.id), "idempotency_key": f"{tenant}'s key"}
    keyed = await world.create(**with_key, alias=f"{tenant}'s")
    removed = await world.create(db_connection_id=str(connection.id), alias=f"{tenant}'s")
    removed = await delete(str(removed.id), caller=caller, engine=world.engine)
    await _stuck(training)
    key, stored_key = await keys.issue(
        scope=TenantScope(tenant), name=f"{tenant}'s", scopes=ALL_SCOPES, expires_at=None
    )
    entry = await _entry(world, training)
    names = {
        "action": _text(entry.action),
        "subject": _text(str(caller.subject)),
        "place of an entry": _place(entry),
        "entry": _id(entry.id),
        "node of the training": _node(training),
        "node of the connection": _node(connection),
        "node of the record": _node(record),
        "node of the key": _node(stored_key),
        "node of the account": _node(account),
        "node of the entry": _node(entry),
        "account": _id(account.id),
        "connection": _id(connection.id),
        "deleted connection": _id(gone.id),
        "record": _id(record.id),
        "deleted record": _id(buried.id),
        "training": _id(training.id),
        "queued": _id(keyed.id),
        "deleted finetuning": _id(removed.id),
        "key": _id(key.id),
        "idempotency key": _text(f"{tenant}'s key"),
        "alias": _text(f"{tenant}'s library"),
        "alias of a training": _text(f"{tenant}'s"),
        "model": _text(f"gpt-of-{tenant}"),
        "dialect": _text(f"{tenant}sql"),
        **{f"question {n}": _text(f"{tenant} asks {n}") for n in (3, 5)},
        **{f"sql {n}": _text(f"SELECT '{tenant} asks', {n}") for n in (4, 6)},
        "place of a connection": _place(connection),
        "place of a record": _place(record),
        "place of a finetuning": _place(training),
        "place of a key": _place(stored_key),
        "place of an account": _place(account),
        "end of an entry": _end(entry),
        "end of a connection": _end(connection),
        "end of a record": _end(record),
        "end of a finetuning": _end(training),
        "end of a key": _end(stored_key),
        "end of an account": _end(account),
        "place in a history": _event(training),
        "place in a deleted history": _event(removed),
    }
    return Estate(client=mine, names=names)


async def _connection(world: World) -> DbConnection:
    tenant = world.caller.tenant
    new = NewDbConnection(alias=f"{tenant}'s library", dialect=f"{tenant}sql", table_schemas=[TABLE])
    connection = await create_db_connection(new, caller=world.caller)
    records = [
        NewGoldenRecord(prompt_text=f"{tenant} asks {n}", sql=f"SELECT '{tenant} asks', {n}")
        for n in range(12)
    ]
    await add_golden_records(str(connection.id), records, caller=world.caller, sql_check=UNCHECKED)
    return connection


async def _entry(world: World, finetuning: Finetuning) -> AuditEntry:
    """Store an entry of the audit log."""
    targets = named([(AuditTargetKind.FINETUNING, str(finetuning.id))])
    attempt = Attempt(action=f"{finetuning.tenant} acts", caller=world.caller, targets=targets)
    await AuditEntries(world.database["audit_entries"]).append([attempt.allowed()])
    entry = await AuditEntry.find_one({"tenant": finetuning.tenant})
    assert entry is not None
    return entry


async def _stuck(finetuning: Finetuning) -> None:
    """Give it a fault, so that it can be given up, and a model of its tenant's own."""
    await Finetuning.get_pymongo_collection().update_one(
        {"_id": finetuning.id},
        [{"$set": {"last_fault": FAULT, "base_llm.model_name": f"gpt-of-{finetuning.tenant}"}}],
    )


def _place(document: DatedDocument) -> tuple[Reference, Reference]:
    """Return the place of the document, and that of none in the same moment, before all others of it."""
    return _at(document, document.id), _at(document, PydanticObjectId("f" * 24))


def _end(document: DatedDocument) -> tuple[Reference, Reference]:
    """Return the place of the document, and that of none in the same moment, right behind it."""
    behind = int.from_bytes(document.id.binary) - 1
    return _at(document, document.id), _at(document, PydanticObjectId(behind.to_bytes(12)))


def _at(document: DatedDocument, one: PydanticObjectId) -> Reference:
    return Reference(Position(document.created_at, one).encode(of=document.listing), (str(one),))


def _event(finetuning: Finetuning) -> tuple[Reference, Reference]:
    """Return a place in the finetuning's history, and one in that of none."""
    there, elsewhere = (
        Reference(Place(own=1).encode(of=one), (str(one),)) for one in (finetuning.id, PydanticObjectId())
    )
    return there, elsewhere


def _node(document: DatedDocument) -> tuple[Reference, Reference]:
    there, elsewhere = _id(document.id)
    kind = type(document).__name__
    return Reference(f"{kind}:{there.text}"), Reference(f"{kind}:{elsewhere.text}")


def _id(document_id: object) -> tuple[Reference, Reference]:
    return Reference(str(document_id)), Reference(str(PydanticObjectId()))


def _text(text: str) -> tuple[Reference, Reference]:
    return Reference(text), Reference(text[:-1] + "?")
