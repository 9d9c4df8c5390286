"""The training file of a finetuning, and the frozen account of what went into it."""

import asyncio
import hashlib
from collections.abc import Sequence

from beanie import PydanticObjectId

from graphql_api.catalogue.chat_jsonl import ChatFile, check_size
from graphql_api.documents import Dataset, DbConnection, Finetuning, GoldenRecordIds
from graphql_api.errors import (
    DbConnectionNotFoundError,
    GoldenRecordNotFoundError,
    InsufficientGoldenRecordsError,
)
from graphql_api.store.training_data import Sources

REQUIRED_GOLDEN_RECORDS = 10
"""The fewest examples that OpenAI trains a model on."""


async def build_dataset(finetuning: Finetuning, *, sources: Sources) -> tuple[bytes, Dataset]:
    """Return the training file's bytes (chat JSONL) and what they hold.

    Raises ``DbConnectionNotFoundError``, ``GoldenRecordNotFoundError``, ``InsufficientGoldenRecordsError``
    or ``TrainingFileTooLargeError`` if the catalogue has changed so far since the finetuning was created
    that what was asked for cannot be trained any more.
    """
    chosen = finetuning.golden_records
    connection = await _connection(finetuning, sources)
    check_size(connection, await sources.extent(connection, chosen))  # before it takes all that memory
    file = ChatFile(connection)
    read = await sources.read_examples(
        connection, chosen, take=lambda batch: asyncio.to_thread(file.add, batch)
    )
    # A connection is deleted before its records are: while it is there, none of them is missing.
    await _connection(finetuning, sources)
    if missing := set(chosen or ()) - set(read):
        raise GoldenRecordNotFoundError(sorted(map(str, missing)))
    if len(read) < REQUIRED_GOLDEN_RECORDS:
        raise InsufficientGoldenRecordsError(found=len(read), required=REQUIRED_GOLDEN_RECORDS)
    return await asyncio.to_thread(_built, file, read)


async def _connection(finetuning: Finetuning, sources: Sources) -> DbConnection:
    connection = await sources.find_connection(finetuning.db_connection_id, tenant=finetuning.tenant)
    if connection is None:
        raise DbConnectionNotFoundError(finetuning.db_connection_id)
    return connection


def _built(file: ChatFile, golden_records: Sequence[PydanticObjectId]) -> tuple[bytes, Dataset]:
    content = file.content()
    return content, Dataset(
        golden_records=GoldenRecordIds.of(golden_records),
        record_count=len(golden_records),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def file_prefix(finetuning: Finetuning) -> str:
    """Return how the names of all training files of this finetuning start."""
    return f"finetuning-{finetuning.id}-"


def file_name(finetuning: Finetuning, dataset: Dataset) -> str:
    """Return the name of the training file; it tells the content, so that an upload can be found again."""
    return f"{file_prefix(finetuning)}{dataset.sha256[:16]}.jsonl"
