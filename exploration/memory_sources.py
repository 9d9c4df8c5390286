"""In-memory twins of the catalogue and the stored webhooks.

A test holds them to the real ones.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import timedelta
from functools import cache

from beanie import PydanticObjectId

from exploration.provider import START
from graphql_api.catalogue.dataset import REQUIRED_GOLDEN_RECORDS
from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.store.training_data import Example, Extent, Take
from graphql_api.tenancy import TenantScope

CONNECTION_ID = PydanticObjectId("00000000abcdef0123456789")


class MemorySources:
    """Reads a catalogue of connections and records; the oldest record comes first."""

    def __init__(self, connections: Sequence[DbConnection], records: Sequence[GoldenRecord]) -> None:
        self._connections = list(connections)
        self.records = list(records)

    async def find_connection(
        self, connection_id: PydanticObjectId, *, scope: TenantScope
    ) -> DbConnection | None:
        """Return the tenant's connection."""
        found = (one for one in self._connections if (one.id, one.tenant) == (connection_id, scope.tenant))
        return next(found, None)

    async def extent(self, connection: DbConnection, ids: Collection[PydanticObjectId] | None) -> Extent:
        """Return how much there is of the connection's golden records with these ids."""
        found = self._found(connection, ids)
        texts = [text.encode() for one in found for text in (one.prompt_text, one.sql)]
        return Extent(records=len(found), text_bytes=sum(map(len, texts)))

    async def known_ids(
        self, connection: DbConnection, ids: Collection[PydanticObjectId]
    ) -> set[PydanticObjectId]:
        """Return the ids, out of these, of the connection's golden records."""
        return {one.id for one in self._found(connection, ids)}

    async def read_examples(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None, *, take: Take
    ) -> list[PydanticObjectId]:
        """Give ``take`` the examples of the connection's golden records with these ids; return the ids."""
        ordered = sorted(self._found(connection, ids), key=lambda record: (record.created_at, record.id))
        await take([Example(id=one.id, prompt_text=one.prompt_text, sql=one.sql) for one in ordered])
        return [one.id for one in ordered]

    def _found(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None
    ) -> list[GoldenRecord]:
        owner = connection.tenant, connection.id
        found = [one for one in self.records if (one.tenant, one.db_connection_id) == owner]
        return found if ids is None else [one for one in found if one.id in ids]

    def key(self) -> Hashable:
        """Return everything its datasets depend on."""
        return len(self.records)

    def lose_a_record(self) -> None:
        """Let a client delete the newest golden record."""
        self.records.pop()


class MemoryDeliveries:
    """Remembers the deliveries; ``arrives`` is told of each before anything is done about it."""

    def __init__(self, arrives: Callable[[], None] = lambda: None) -> None:
        self.remembered: set[str] = set()
        self._arrives = arrives

    def key(self) -> Hashable:
        """Return the remembered webhooks."""
        return tuple(sorted(self.remembered))

    async def has(self, delivery_id: str) -> bool:
        """Return whether this delivery is remembered."""
        self._arrives()
        return delivery_id in self.remembered

    async def remember(self, delivery_id: str) -> None:
        """Remember the delivery."""
        self.remembered.add(delivery_id)


def small_catalogue() -> MemorySources:
    """Return a catalogue of one connection, with one golden record more than a training needs."""
    return MemorySources(*_catalogue())


@cache
def _catalogue() -> tuple[list[DbConnection], list[GoldenRecord]]:
    connection = DbConnection(
        id=CONNECTION_ID,
        tenant="default",
        alias="library",
        dialect="sqlite",
        created_at=START,
        updated_at=START,
    )
    records = [
        GoldenRecord(
            id=PydanticObjectId(f"{number:024x}"),
            tenant="default",
            db_connection_id=CONNECTION_ID,
            prompt_text=f"question {number}",
            sql=f"SELECT {number}",
            digest=f"{number}",
            exact_digest=f"{number}",
            created_at=START + timedelta(seconds=number),
            updated_at=START,
        )
        for number in range(REQUIRED_GOLDEN_RECORDS + 1)
    ]
    return [connection], records
