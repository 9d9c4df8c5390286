"""The connection to MongoDB: durable writes, time limits, indexes."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

from beanie import init_beanie
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from graphql_api.documents.api_key import ApiKey
from graphql_api.documents.audit_entry import AuditEntry
from graphql_api.documents.db_connection import DbConnection
from graphql_api.documents.finetuning import Finetuning
from graphql_api.documents.golden_record import GoldenRecord
from graphql_api.documents.provider_account import ProviderAccount
from graphql_api.documents.provider_event import ProviderEvent
from graphql_api.documents.webhook_delivery import WebhookDelivery
from graphql_api.store.guard import CONNECTIONS, Guard, Lane
from graphql_api.store.guarded import Guarded, GuardedClient
from graphql_api.store.indexes import create_indexes

RETRYABLE_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Drivers repeat a write of one document after these codes: MongoDB's specification of retryable writes,
https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md."""

StoreError = PyMongoError
"""Every error of MongoDB and its driver."""

Client = AsyncMongoClient[dict[str, Any]]
Database = AsyncDatabase[dict[str, Any]]
Collection = AsyncCollection[dict[str, Any]]


def connect(uri: str, *, timeout_s: float) -> Client:
    """Return a client with writes journaled by a majority and operations limited to ``timeout_s``.

    Every operation of the client and of its databases and collections goes through one ``Guard``.
    """
    client: Client = AsyncMongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        # An answer may rest on a read, so a failover must not be able to take the read data back.
        readConcernLevel="majority",
        readPreference="primary",  # against the URI, if need be: the sweep must not judge by a stale copy
        timeoutMS=int(timeout_s * 1000),
        serverSelectionTimeoutMS=int(timeout_s * 1000),
        connectTimeoutMS=int(timeout_s * 1000),
        maxPoolSize=CONNECTIONS,
        maxConnecting=CONNECTIONS,  # else operations wait again in the driver's pool, behind new connections
        appname="finetuning-graphql-api",
    )
    return cast(Client, GuardedClient(client, Guard(timeout_s=timeout_s), Lane.ORDINARY))


def connect_to_one(host: str, port: int | None, *, timeout_s: float, tls: Mapping[str, Any]) -> Client:
    """Return a client of this one server, of any kind, without credentials; a host may be a Unix socket."""
    milliseconds = int(timeout_s * 1000)
    client: Client = AsyncMongoClient(
        f"mongodb://{quote(host, safe='')}" if host.startswith("/") else host,
        port,
        directConnection=True,
        timeoutMS=milliseconds,
        serverSelectionTimeoutMS=milliseconds,
        **tls,
    )
    return cast(Client, GuardedClient(client, Guard(timeout_s=timeout_s), Lane.ORDINARY))


def reserved(database: Database) -> Database:
    """Return the same database in a lane of its own, so that reads cannot use up its connections."""
    return cast(Database, cast(Guarded, database).in_lane(Lane.RESERVED))


def searching(collection: Collection) -> Collection:
    """Return the same collection for searches without an index: few at once, each limited to a second."""
    return cast(Collection, cast(Guarded, collection).in_lane(Lane.SEARCHING))


def is_too_slow(problem: PyMongoError) -> bool:
    """Whether the operation began and did not end in time."""
    return isinstance(problem, ExecutionTimeout | NetworkTimeout)


def guard_of(database: Database) -> Guard:
    """Return the guard of all operations of the database's client."""
    return cast(Guarded, database).guard


async def initialise(database: Database) -> None:
    """Bind the documents to the database and create their declared indexes.

    Raises ``IndexConflictError`` if another index or duplicate documents are in the way.
    """
    for collection, indexes in await bound(database):
        await create_indexes(collection, indexes)


async def bound(database: Database) -> list[tuple[Collection, list[IndexModel]]]:
    """Bind the documents to the database; return each collection with its declared indexes."""
    models = [
        ApiKey,
        AuditEntry,
        DbConnection,
        Finetuning,
        GoldenRecord,
        ProviderAccount,
        ProviderEvent,
        WebhookDelivery,
    ]
    await init_beanie(database, document_models=models, skip_indexes=True)
    return [
        (model.get_pymongo_collection(), [one.index for one in model.get_settings().indexes])
        for model in models
    ]


async def deployment_id(database: Database) -> str:
    """Return the id of this deployment, made at the first use of its database."""
    first = {"$setOnInsert": {"deployment_id": uuid4().hex}}
    await database["deployment"].update_one({"_id": "deployment"}, first, upsert=True)
    deployment = await database["deployment"].find_one({"_id": "deployment"}) or {}
    return str(deployment["deployment_id"])


def is_unavailable(problem: BaseException) -> bool:
    """Whether MongoDB was out of reach or too slow, as opposed to a refusal."""
    # A write without an acknowledgement after a failover may or may not have been kept.
    return isinstance(problem, ConnectionFailure | WaitQueueTimeoutError | WriteConcernError) or (
        isinstance(problem, PyMongoError) and (problem.timeout or is_broken_off(problem))
    )


def is_broken_off(problem: PyMongoError) -> bool:
    """Whether a failover or a lost connection broke a write off, maybe half-way; it can be repeated."""
    if isinstance(problem, OperationFailure):
        return not _codes(problem).isdisjoint(RETRYABLE_CODES)
    return isinstance(problem, AutoReconnect) and not problem.timeout


def _codes(problem: OperationFailure) -> set[int | None]:
    """Return the code of the operation and of each of its writes."""
    writes = (problem.details or {}).get("writeErrors", ())
    return {problem.code, *(write.get("code") for write in writes)}
