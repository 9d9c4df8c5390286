"""Imports a file: checks all lines, then stores batches."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.transfer.client import Server, ServerError
from graphql_api.transfer.jsonl import Line, LineError, numbered, parsed, read

MOST_A_BATCH = 500
LARGEST_BATCH_BYTES = 500_000
"""Half of a server's default limit, in bytes of JSON; a longer record goes alone."""

MOST_NAMED = 20

ADD = """mutation ($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { promptText sql metadata warnings { message line column } }
}"""


@dataclass(slots=True)
class Checked:
    """The contents of a file: the number of records, of repeated ones, and the wrong lines."""

    records: int = 0
    repeated: int = 0
    named: list[str] = field(default_factory=list)
    wrong: int = 0


@dataclass(slots=True)
class Account:
    """The progress so far; ``warnings`` name their lines."""

    added: int = 0
    skipped: int = 0
    warnings: list[str] = field(default_factory=list)


def check_file(file: BinaryIO) -> Checked:
    """Check every line, without the server."""
    found, seen = Checked(), set[bytes]()
    for number, text in numbered(file):
        try:
            digest = parsed(number, text).digest
        except LineError as wrong:
            found.wrong += 1
            if len(found.named) < MOST_NAMED:
                found.named.append(str(wrong))
            continue
        found.records += 1
        found.repeated += digest in seen
        seen.add(digest)
    return found


async def check_sql(file: BinaryIO, *, dialect: str) -> list[str]:
    """Return the warnings of a server, with their lines."""
    sql_check, told = SqlCheck(), list[str]()
    try:
        for batch in batches(read(file)):
            found = await sql_check.warnings([line.record["sql"] for line in batch], dialect=dialect)
            told += [_shown(line, one.model_dump()) for line, one in zip(batch, found, strict=True) if one]
    finally:
        await sql_check.close()
    return told


def import_file(file: BinaryIO, server: Server, *, db_connection_id: str, account: Account) -> Iterator[int]:
    """Store the new records of a checked file; yield the size of each batch.

    Raises ``ServerError``; ``account`` then has the progress before it.
    """
    for batch in batches(read(file)):
        added = {
            "dbConnectionId": db_connection_id,
            "goldenRecords": [line.record for line in batch],
            "skipDuplicates": True,
        }
        try:
            stored = server.ask(ADD, input=added)
        except ServerError as refused:
            raise ServerError(_with_line(refused, batch)) from None
        account.added += len(stored)
        account.skipped += len(batch) - len(stored)
        account.warnings += _warnings(batch, stored)
        yield len(batch)


def batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield the lines in groups for one request each."""
    batch, size = list[Line](), 0
    for line in lines:
        length = len(orjson.dumps(line.record))
        if batch and (len(batch) == MOST_A_BATCH or size + length > LARGEST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch


def _warnings(batch: list[Line], stored: list[dict[str, Any]]) -> list[str]:
    """Return the warnings with their lines: ``stored`` has the order of the batch, with gaps."""
    told, lines = list[str](), iter(batch)
    for record in stored:
        line = next(line for line in lines if all(record[name] == line.record[name] for name in line.record))
        told += [_shown(line, warning) for warning in record["warnings"]]
    return told


def _shown(line: Line, warning: dict[str, Any]) -> str:
    place = f" Line {warning['line']}, column {warning['column']}." if warning["line"] else ""
    return f"line {line.number}: {warning['message']}{place}"


def _with_line(refused: ServerError, batch: list[Line]) -> str:
    """Return the message with the file's line in the place of the batch's index."""
    index = re.match(r"goldenRecords\[(\d+)\]\.", refused.argument or "")
    if index is None:
        return f"lines {batch[0].number} to {batch[-1].number}: {refused}"
    return f"line {batch[int(index[1])].number}: {str(refused).removeprefix(index[0])}"
