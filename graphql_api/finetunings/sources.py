"""What finetunings are made from, as it is stored: database connections and their golden records."""

from collections.abc import Sequence

from beanie import PydanticObjectId
from beanie.operators import In

from graphql_api.documents import DbConnection, GoldenRecord


class Sources:
    """Reads the catalogue for whoever makes a finetuning or its training file."""

    async def find_connection(self, connection_id: PydanticObjectId, *, tenant: str) -> DbConnection | None:
        """Return the tenant's connection."""
        return await DbConnection.find_one({"_id": connection_id, "tenant": tenant})

    async def find_records(
        self, connection: DbConnection, ids: Sequence[PydanticObjectId] | None
    ) -> list[GoldenRecord]:
        """Return the connection's golden records with these ids, all of them for ``None``, oldest first."""
        chosen = [] if ids is None else [In(GoldenRecord.id, ids)]
        of_connection = {"tenant": connection.tenant, "db_connection_id": connection.id}
        return await GoldenRecord.find(of_connection, *chosen).sort("+created_at", "+_id").to_list()
