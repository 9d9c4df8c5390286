"""The golden record document: a question and the SQL that answers it correctly."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel


class GoldenRecord(Document):
    """A training example of one database connection."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    tenant: str
    db_connection_id: PydanticObjectId
    prompt_text: str
    sql: str
    created_at: datetime
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
