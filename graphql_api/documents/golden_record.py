"""The golden record document: a question and its correct SQL."""

from enum import StrEnum
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import Listing


class GoldenRecordWarningCode(StrEnum):
    """A possible problem of a golden record."""

    SQL_SYNTAX = "sql_syntax"
    SQL_NOT_ONE_QUERY = "sql_not_one_query"
    SQL_NOT_CHECKED = "sql_not_checked"
    DUPLICATE = "duplicate"


class GoldenRecordWarning(BaseModel):
    """A possible problem and its place in the SQL; lines and columns count from 1."""

    code: GoldenRecordWarningCode
    message: str
    line: int | None = None
    column: int | None = None


class GoldenRecord(CatalogueDocument):
    """A training example of one database connection.

    ``digest`` is of the normalised question and SQL, ``exact_digest`` of the whole input. ``copy_id`` is null
    except for a record stored in spite of its exact twin. With it the unique index lets concurrent calls
    store the same record once, and further copies only on purpose.
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
        """The collection and its indexes."""

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
