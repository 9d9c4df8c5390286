"""Rehearses an import: finds what a server would skip or warn of, and stores nothing."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graphql_api.catalogue.duplicates import digests
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import GoldenRecordWarning
from graphql_api.transfer.batches import batches
from graphql_api.transfer.importing import Account, Checked, shown
from graphql_api.transfer.reading import Reader
from graphql_api.transfer.records import Record
from graphql_api.transfer.repeats import Digests, Once, Seen

MOST_PARSERS = 4

THERE = "a golden record of this connection has the same question and SQL."
BEFORE = "an earlier record of this file has the same question and SQL."


@dataclass(slots=True)
class Present:
    """What the connections have already: the digests of their records, and of similar ones."""

    exact: Digests = field(default_factory=Digests)
    alike: Digests = field(default_factory=Digests)

    def add(self, record: Record) -> None:
        """Add a record of a connection."""
        self.exact.add(record.digest)
        self.alike.add(_alike(record))


async def rehearse(
    reader: Reader, checked: Checked, *, dialects: Mapping[str, str], present: Present, account: Account
) -> AsyncIterator[int]:
    """Count a checked file as an import would; yield the size of each batch.

    ``dialects`` are the connections' by the databases' names.
    """
    once, twins = Once(checked.repeated), _Twins.of(reader.records(), present=present)
    async with _parsers() as parsers:
        for batch in batches(_new(once.of(reader.records()), present=present, account=account)):
            dialect = dialects[batch[0].database]
            found = await _warnings(
                [record.fields["sql"] for record in batch], dialect=dialect, parsers=parsers
            )
            for record, warning in zip(batch, found, strict=True):
                if warning is not None:
                    account.warnings.add(shown(record, warning.model_dump()))
                if twin := twins.earlier(record):
                    account.warnings.add(f"{record.place}: {twin}")
            account.added += len(batch)
            yield len(batch)
    account.again = once.left_out


def _new(records: Iterable[Record], *, present: Present, account: Account) -> Iterator[Record]:
    """Yield the records that no connection has, and count the others."""
    for record in records:
        if record.digest in present.exact:
            account.skipped += 1
        else:
            yield record


class _Twins:
    """Finds records with the question and the SQL of an earlier one."""

    def __init__(self, repeated: Digests, *, present: Present) -> None:
        self._seen = Seen(repeated)
        self._present = present

    @classmethod
    def of(cls, records: Iterable[Record], *, present: Present) -> "_Twins":
        """Look at all records of a file."""
        bag = Digests()
        for record in records:
            bag.add(_alike(record))
        return cls(bag.repeated(), present=present)

    def earlier(self, record: Record) -> str:
        """Return where the earlier one is, or nothing."""
        digest = _alike(record)
        if digest in self._present.alike:
            return THERE
        return BEFORE if self._seen.comes_again(digest) else ""


def _alike(record: Record) -> bytes:
    """Return a digest that is the same for the records that a server calls duplicates."""
    fields = record.fields
    same = digests(fields["promptText"], fields["sql"], None)["digest"]
    return hashlib.sha256(f"{same}{record.database}".encode()).digest()


@asynccontextmanager
async def _parsers() -> AsyncIterator[Sequence[SqlCheck]]:
    parsers = [SqlCheck() for _ in range(min(MOST_PARSERS, os.cpu_count() or 1))]
    try:
        yield parsers
    finally:
        await asyncio.gather(*(parser.close() for parser in parsers))


async def _warnings(
    statements: Sequence[str], *, dialect: str, parsers: Sequence[SqlCheck]
) -> list[GoldenRecordWarning | None]:
    """Return a warning or ``None`` for each statement, from parsers that work at the same time."""
    shares = [statements[first :: len(parsers)] for first in range(len(parsers))]
    found = await asyncio.gather(
        *(parser.warnings(share, dialect=dialect) for parser, share in zip(parsers, shares, strict=True))
    )
    return [found[index % len(parsers)][index // len(parsers)] for index in range(len(statements))]
