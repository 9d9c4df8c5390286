"""Imports a file: checks all records, then stores batches."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql_api.transfer.batches import batches
from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import ServerError
from graphql_api.transfer.reading import Reader
from graphql_api.transfer.records import FileError, Record, RecordError
from graphql_api.transfer.repeats import Digests, Once

MOST_NAMED = 20
MOST_SAMPLES = 3
MOST_DATABASES = 1_000

OFTEN = 1_000
"""After how many records the progress is told."""

ADD = """mutation ($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { promptText sql metadata warnings { message line column } }
}"""


@dataclass(slots=True)
class Told:
    """Messages: all are counted, and the first twenty kept."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, message: str) -> None:
        """Add a message."""
        self.count += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(message)


@dataclass(slots=True)
class Checked:
    """The contents of a file: its records, their first ones, and what is wrong with others.

    ``repeated`` are the digests of records that come more than once, ``again`` the number of their copies.
    ``left_out`` counts the objects' fields that are not stored, ``databases`` the records of each.
    """

    records: int = 0
    samples: list[Record] = field(default_factory=list)
    wrong: Told = field(default_factory=Told)
    left_out: Counter[str] = field(default_factory=Counter)
    databases: Counter[str] = field(default_factory=Counter)
    repeated: Digests = field(default_factory=Digests)
    again: int = 0

    def add(self, record: Record) -> None:
        """Count a record."""
        self.records += 1
        self.databases[record.database] += 1
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(record)


@dataclass(slots=True)
class Account:
    """The progress so far; ``again`` are those left out because they came before in the file.

    ``refused`` are the warnings for which a server refuses a record.
    """

    added: int = 0
    skipped: int = 0
    again: int = 0
    warnings: Told = field(default_factory=Told)
    refused: Told = field(default_factory=Told)


def check_file(reader: Reader, *, advance: Callable[[], None]) -> Checked:
    """Check every record, without the server; call ``advance`` now and then, and at the end."""
    checked, digests = Checked(), Digests()
    for number, found in enumerate(reader.found(checked.left_out), start=1):
        if isinstance(found, RecordError):
            checked.wrong.add(str(found))
        else:
            checked.add(found)
            digests.add(found.digest)
            if len(checked.databases) > MOST_DATABASES:
                raise FileError(
                    f"{reader.split_by} has more than {MOST_DATABASES:,} values: too many databases"
                )
        if number % OFTEN == 0:
            advance()
    advance()  # else the progress would end before its end
    checked.repeated, checked.again = digests.repeated(), digests.surplus()
    return checked


def import_file(
    reader: Reader, checked: Checked, server: Server, *, connections: Mapping[str, str], account: Account
) -> Iterator[int]:
    """Store the new records of a checked file; yield the size of each batch.

    ``connections`` are the ids by the databases' names. Raises ``ServerError``; ``account`` then has the
    progress before it.
    """
    once = Once(checked.repeated)
    for batch in batches(once.of(reader.records())):
        added = {
            "dbConnectionId": connections[batch[0].database],
            "goldenRecords": [record.fields for record in batch],
            "skipDuplicates": True,
        }
        try:
            stored = server.ask(ADD, input=added)
        except ServerError as refused:
            raise ServerError(_with_place(refused, batch)) from None
        account.added += len(stored)
        account.skipped += len(batch) - len(stored)
        account.again = once.left_out
        for warning in _warnings(batch, stored):
            account.warnings.add(warning)
        yield len(batch)
    account.again = once.left_out


def shown(record: Record, warning: Mapping[str, Any]) -> str:
    """Return a server's warning with the record's place."""
    at = f" Line {warning['line']}, column {warning['column']}." if warning["line"] else ""
    return f"{record.place}: {warning['message']}{at}"


def _warnings(batch: list[Record], stored: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the warnings with their places: ``stored`` has the order of the batch, with gaps."""
    records = iter(batch)
    for one in stored:
        record = next(
            record for record in records if all(one[name] == record.fields[name] for name in record.fields)
        )
        yield from (shown(record, warning) for warning in one["warnings"])


def _with_place(refused: ServerError, batch: list[Record]) -> str:
    """Return the message with the file's place instead of the batch's index."""
    index = re.match(r"goldenRecords\[(\d+)\]\.", refused.argument or "")
    first, last = batch[0].place, batch[-1].place
    if index is None:
        return f"{first.noun}s {first.number} to {last.number}: {refused}"
    return f"{batch[int(index[1])].place}: {str(refused).removeprefix(index[0])}"
