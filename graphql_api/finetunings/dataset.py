"""The training file: golden records as chat examples, and the frozen account of what went into it."""

import hashlib
from collections.abc import Sequence

import orjson

from graphql_api.documents import Dataset, DbConnection, Finetuning, GoldenRecord
from graphql_api.errors import (
    DbConnectionNotFoundError,
    GoldenRecordNotFoundError,
    InsufficientGoldenRecordsError,
)
from graphql_api.finetunings.sources import Sources

REQUIRED_GOLDEN_RECORDS = 10
"""The fewest examples that OpenAI trains a model on."""

TASK = "You translate questions into {dialect} SQL. Answer with one SQL query and nothing else."


async def build_dataset(finetuning: Finetuning, *, sources: Sources) -> tuple[bytes, Dataset]:
    """Return the training file's bytes (chat JSONL) and what they hold.

    Raises ``DbConnectionNotFoundError``, ``GoldenRecordNotFoundError`` or ``InsufficientGoldenRecordsError``
    if the catalogue has changed so far since the finetuning was created that what was asked for cannot be
    trained any more.
    """
    connection = await _connection(finetuning, sources)
    records = await sources.find_records(connection, finetuning.golden_records)
    # A connection is deleted before its records are: while it is there, none of them is missing.
    await _connection(finetuning, sources)
    if missing := set(finetuning.golden_records or ()) - {record.id for record in records}:
        raise GoldenRecordNotFoundError(sorted(map(str, missing)))
    if len(records) < REQUIRED_GOLDEN_RECORDS:
        raise InsufficientGoldenRecordsError(found=len(records), required=REQUIRED_GOLDEN_RECORDS)
    content = chat_jsonl(connection, records)
    return content, Dataset(
        golden_records=[record.id for record in records],
        record_count=len(records),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


async def _connection(finetuning: Finetuning, sources: Sources) -> DbConnection:
    connection = await sources.find_connection(finetuning.db_connection_id, tenant=finetuning.tenant)
    if connection is None:
        raise DbConnectionNotFoundError(finetuning.db_connection_id)
    return connection


def chat_jsonl(connection: DbConnection, records: Sequence[GoldenRecord]) -> bytes:
    """Return one chat example a line: the task and tables, the question, and the SQL that answers it."""
    task = "\n\n".join([TASK.format(dialect=connection.dialect), *connection.table_schemas])
    return b"".join(orjson.dumps(_example(task, record)) + b"\n" for record in records)


def file_prefix(finetuning: Finetuning) -> str:
    """Return how the names of all training files of this finetuning start."""
    return f"finetuning-{finetuning.id}-"


def file_name(finetuning: Finetuning, dataset: Dataset) -> str:
    """Return the name of the training file; it tells the content, so that an upload can be found again."""
    return f"{file_prefix(finetuning)}{dataset.sha256[:16]}.jsonl"


def _example(task: str, record: GoldenRecord) -> dict[str, list[dict[str, str]]]:
    turns = {"system": task, "user": record.prompt_text, "assistant": record.sql}
    return {"messages": [{"role": role, "content": content} for role, content in turns.items()]}
