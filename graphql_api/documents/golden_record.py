"""The golden record document: a question and the SQL that answers it correctly."""

from typing import Any, ClassVar

from beanie import PydanticObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.paging import DatedDocument


class GoldenRecord(DatedDocument):
    """A training example of one database connection."""

    tenant: str
    db_connection_id: PydanticObjectId
    prompt_text: str
    sql: str
    metadata: dict[str, str] | None = None

    class Settings:
        """Where the documents live and how they are found."""

        name = "golden_records"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("db_connection_id", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="newest_of_connection",
            ),
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
        ]
