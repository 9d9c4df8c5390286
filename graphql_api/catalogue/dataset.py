"""The training file of a finetuning: its content, format and largest size."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

import orjson

from graphql_api.documents import Dataset, DbConnection, Finetuning, GoldenRecordIds, ObjectId
from graphql_api.errors import (
    DbConnectionNotFoundError,
    GoldenRecordNotFoundError,
    InsufficientGoldenRecordsError,
    TrainingFileTooLargeError,
)
from graphql_api.one_line import one_line
from graphql_api.store.training_data import Example, Extent, Sources
from graphql_api.tenancy import TenantScope

REQUIRED_GOLDEN_RECORDS = 10
"""The fewest examples for a training at OpenAI."""

LARGEST_FILE_BYTES = 100_000_000
"""The largest training file. OpenAI takes 512 MB, but each of a worker's slots may hold one in memory."""

TASK = "You translate questions into {dialect} SQL. Answer with one SQL query and nothing else."


class ChatFile:
    """A training file in the making; it never holds more than ``LARGEST_FILE_BYTES``.

    Each line is one chat: the task and tables, the question, and the SQL as the answer.
    """

    def __init__(self, connection: DbConnection) -> None:
        self._connection = connection
        self._file = BytesIO()
        self._size = 0

    def add(self, examples: Sequence[Example]) -> None:
        """Add a line for each of the examples."""
        for line in chat_lines(self._connection, examples):
            self._size += len(line)
            if self._size <= LARGEST_FILE_BYTES:
                self._file.write(line)

    def content(self) -> bytes:
        """Return the whole file; raises ``TrainingFileTooLargeError``."""
        _check(self._size)
        return self._file.getvalue()


def chat_lines(connection: DbConnection, examples: Iterable[Example]) -> Iterator[bytes]:
    """Yield the line of each of the examples."""
    task = _task(connection)
    for example in examples:
        yield _line(task, example.prompt_text, example.sql)


async def build_dataset(finetuning: Finetuning, *, sources: Sources) -> tuple[bytes, Dataset]:
    """Return the training file's bytes (chat JSONL) and their description.

    Raises ``DbConnectionNotFoundError``, ``GoldenRecordNotFoundError``, ``InsufficientGoldenRecordsError``
    or ``TrainingFileTooLargeError`` if changes to the catalogue after the finetuning's creation make its
    training impossible.
    """
    chosen = finetuning.golden_records
    connection = await _connection(finetuning, sources)
    check_size(connection, await sources.extent(connection, chosen))  # before anything takes the memory
    file = ChatFile(connection)
    read = await sources.read_examples(
        connection, chosen, take=lambda batch: asyncio.to_thread(file.add, batch)
    )
    # A connection is deleted before its records, so if it is still there, none of them is missing.
    await _connection(finetuning, sources)
    if missing := set(chosen or ()) - set(read):
        raise GoldenRecordNotFoundError(sorted(map(str, missing)))
    if len(read) < REQUIRED_GOLDEN_RECORDS:
        raise InsufficientGoldenRecordsError(found=len(read), required=REQUIRED_GOLDEN_RECORDS)
    return await asyncio.to_thread(_built, file, read)


async def _connection(finetuning: Finetuning, sources: Sources) -> DbConnection:
    connection = await sources.find_connection(finetuning.db_connection_id, scope=TenantScope.of(finetuning))
    if connection is None:
        raise DbConnectionNotFoundError(finetuning.db_connection_id)
    return connection


def _built(file: ChatFile, golden_records: Sequence[ObjectId]) -> tuple[bytes, Dataset]:
    content = file.content()
    return content, Dataset(
        golden_records=GoldenRecordIds.of(golden_records),
        record_count=len(golden_records),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def file_prefix(finetuning: Finetuning) -> str:
    """Return the prefix of the names of this finetuning's training files."""
    return f"finetuning-{finetuning.id}-"


def file_name(finetuning: Finetuning, dataset: Dataset) -> str:
    """Return the name of the training file; it names the content, so that an upload can be found again."""
    return f"{file_prefix(finetuning)}{dataset.sha256[:16]}.jsonl"


def check_size(connection: DbConnection, extent: Extent) -> None:
    """Raise ``TrainingFileTooLargeError`` if a file of this extent is too large even without escapes."""
    _check(extent.records * len(_line(_task(connection), "", "")) + extent.text_bytes)


def _check(size_bytes: int) -> None:
    if size_bytes > LARGEST_FILE_BYTES:
        raise TrainingFileTooLargeError(size_bytes=size_bytes, most_bytes=LARGEST_FILE_BYTES)


def _task(connection: DbConnection) -> orjson.Fragment:
    task = [TASK.format(dialect=connection.dialect), *connection.table_schemas]
    return orjson.Fragment(orjson.dumps("\n\n".join(task)))


def _line(task: orjson.Fragment, prompt_text: str, sql: str) -> bytes:
    turns = {"system": task, "user": prompt_text, "assistant": sql}
    messages = [{"role": role, "content": content} for role, content in turns.items()]
    return one_line({"messages": messages}) + b"\n"
