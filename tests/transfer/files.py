"""Files as bytes, and what is read from them."""

from io import BytesIO
from typing import Any

from graphql_api.transfer.reading import Reader
from graphql_api.transfer.records import RecordError
from graphql_api.transfer.source import source_of


def reader_of(content: bytes, **options: Any) -> Reader:
    """Return a reader of a file with this content."""
    return Reader(source=source_of(BytesIO(content)), **options)


def found_in(content: bytes, **options: Any) -> list[Any]:
    """Return the fields of each record, or what is wrong with it."""
    found = reader_of(content, **options).found()
    return [str(one) if isinstance(one, RecordError) else one.fields for one in found]


def record(prompt_text: str, sql: str, metadata: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a record's fields."""
    return {"promptText": prompt_text, "sql": sql, "metadata": metadata}
