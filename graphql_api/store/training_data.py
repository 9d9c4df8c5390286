"""The stored sources of finetunings: database connections and golden records."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.store.expressions import Fields
from graphql_api.tenancy import TenantScope

EXAMPLES_A_BATCH = 1_000
CHARACTERS_A_BATCH = 1_000_000
"""Between two batches the event loop serves everybody else; only one batch is in memory."""

TEXTS = ("prompt_text", "sql")
_TEXT_BYTES: Fields = {"$add": [{"$strLenBytes": "$prompt_text"}, {"$strLenBytes": "$sql"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The content of a golden record for training."""

    id: PydanticObjectId
    prompt_text: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The number of golden records, and the total length of their texts in bytes of UTF-8."""

    records: int
    text_bytes: int


Take = Callable[[Sequence[Example]], Awaitable[None]]
"""A callback for one batch of examples after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Reads the catalogue for making a finetuning or its training file.

    ``ids`` names the golden records; ``None`` means all of the connection's.
    """

    examples_a_batch: int = EXAMPLES_A_BATCH
    characters_a_batch: int = CHARACTERS_A_BATCH

    async def find_connection(
        self, connection_id: PydanticObjectId, *, scope: TenantScope
    ) -> DbConnection | None:
        """Return the tenant's connection."""
        return await DbConnection.find_one({"_id": connection_id, **scope.where})

    async def extent(self, connection: DbConnection, ids: Collection[PydanticObjectId] | None) -> Extent:
        """Return the extent of the connection's golden records with these ids, without loading them."""
        sums = {"records": {"$sum": 1}, "text_bytes": {"$sum": _TEXT_BYTES}}
        pipeline: list[Fields] = [{"$match": _of(connection, ids)}, {"$group": {"_id": None, **sums}}]
        found = await GoldenRecord.get_pymongo_collection().aggregate(pipeline)
        for one in await found.to_list():
            return Extent(records=one["records"], text_bytes=one["text_bytes"])
        return Extent(records=0, text_bytes=0)

    async def known_ids(
        self, connection: DbConnection, ids: Collection[PydanticObjectId]
    ) -> set[PydanticObjectId]:
        """Return the ids of the connection's golden records among these."""
        found = GoldenRecord.get_pymongo_collection().find(_of(connection, ids), ["_id"])
        return {PydanticObjectId(one["_id"]) async for one in found}

    async def examples(self, connection: DbConnection, ids: Collection[PydanticObjectId]) -> list[Example]:
        """Return the examples of the connection's golden records with these few ids, in the ids' order.

        Missing ones are left out.
        """
        found = await GoldenRecord.get_pymongo_collection().find(_of(connection, ids), TEXTS).to_list()
        by_id = {example.id: example for example in map(_example, found)}
        return [by_id[one] for one in ids if one in by_id]

    async def read_examples(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None, *, take: Take
    ) -> list[PydanticObjectId]:
        """Give ``take`` the examples of the connection's golden records with these ids, and return the ids.

        The oldest come first. They come in batches, because all of them may not fit into memory.
        """
        found = GoldenRecord.get_pymongo_collection().find(_of(connection, ids), TEXTS)
        oldest_first = found.sort({"created_at": 1, "_id": 1}).batch_size(self.examples_a_batch)
        read: list[PydanticObjectId] = []
        batch: list[Example] = []
        characters = 0
        async for one in oldest_first:
            example = _example(one)
            read.append(example.id)
            batch.append(example)
            characters += len(example.prompt_text) + len(example.sql)
            if len(batch) == self.examples_a_batch or characters >= self.characters_a_batch:
                await take(batch)
                batch, characters = [], 0
        await take(batch)
        return read


def _example(stored: Fields) -> Example:
    return Example(id=PydanticObjectId(stored["_id"]), prompt_text=stored["prompt_text"], sql=stored["sql"])


def _of(connection: DbConnection, ids: Collection[PydanticObjectId] | None) -> Fields:
    chosen = {} if ids is None else {"_id": {"$in": list(ids)}}
    return {**TenantScope.of(connection).where, "db_connection_id": connection.id, **chosen}
