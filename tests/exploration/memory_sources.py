"""In-memory twins of the catalogue and of the remembered webhooks, held to the real ones by a test."""

from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from functools import cache

from beanie import PydanticObjectId

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.finetunings.dataset import REQUIRED_GOLDEN_RECORDS
from tests.exploration.provider import START

CONNECTION_ID = PydanticObjectId("00000000abcdef0123456789")


class MemorySources:
    """Reads a catalogue of connections and records; the oldest record comes first."""

    def __init__(self, connections: Sequence[DbConnection], records: Sequence[GoldenRecord]) -> None:
        self._connections = list(connections)
        self.records = list(records)

    async def find_connection(self, connection_id: PydanticObjectId, *, tenant: str) -> DbConnection | None:
        """Return the tenant's connection."""
        found = (one for one in self._connections if (one.id, one.tenant) == (connection_id, tenant))
        return next(found, None)

    async def find_records(
        self, connection: DbConnection, ids: Sequence[PydanticObjectId] | None
    ) -> list[GoldenRecord]:
        """Return the connection's records with these ids, all of them for ``None``."""
        owner = connection.tenant, connection.id
        found = [one for one in self.records if (one.tenant, one.db_connection_id) == owner]
        chosen = found if ids is None else [one for one in found if one.id in ids]
        return sorted(chosen, key=lambda record: (record.created_at, record.id))

    def key(self) -> Hashable:
        """Return what the datasets made of it depend on."""
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
        """Return what is remembered."""
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
