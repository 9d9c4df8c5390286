"""The golden record document: a question and the SQL that answers it correctly."""

from enum import StrEnum
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import Listing


class GoldenRecordWarningCode(StrEnum):
    """What may be wrong with a golden record."""

    SQL_SYNTAX = "sql_syntax"
    SQL_NOT_ONE_QUERY = "sql_not_one_query"
    SQL_NOT_CHECKED = "sql_not_checked"
    DUPLICATE = "duplicate"


class GoldenRecordWarning(BaseModel):
    """What may be wrong, and where in the SQL; lines and columns count from 1."""

    code: GoldenRecordWarningCode
    message: str
    line: int | None = None
    column: int | None = None


class GoldenRecord(CatalogueDocument):
    """A training example of one database connection.

    ``digest`` is of the question and the SQL in their normalised form, ``exact_digest`` of all that was
    given. ``copy_id`` is null but for a record that was stored although its exact twin was there: the unique
    index lets concurrent calls store the same record once, and further ones only knowingly.
    """

    listing: ClassVar[Listing] = Listing.GOLDEN_RECORDS

    db_connection_id: PydanticObjectId
    prompt_text: str
    sql: str
    warnings: list[GoldenRecordWarning] = Field(default_factory=list)
    digest: str
    exact_digest: str
    copy_id: PydanticObjectId | None = None

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
            IndexModel(
                [
                    ("db_connection_id", ASCENDING),
                    ("digest", ASCENDING),
                    ("exact_digest", ASCENDING),
                    ("copy_id", ASCENDING),
                ],
                name="duplicates",
                unique=True,
                partialFilterExpression={"digest": {"$type": "string"}},
            ),
            Tombstone.INDEX,
        ]
