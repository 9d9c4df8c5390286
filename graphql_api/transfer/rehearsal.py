"""Rehearses an import: finds what a server would skip or warn of, and stores nothing."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graphql_api.catalogue.duplicates import digests
from graphql_api.catalogue.sql_check import SqlCheck, SqlCheckMode
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
    reader: Reader,
    checked: Checked,
    *,
    dialects: Mapping[str, str],
    present: Present,
    account: Account,
    mode: SqlCheckMode,
) -> AsyncIterator[int]:
    """Count a checked file as an import would; yield the size of each batch.

    ``dialects`` are the connections' by the databases' names, ``mode`` is the server's.
    """
    once, twins = Once(checked.repeated), _Twins.of(reader.records(), present=present)
    async with _parsers(mode) as parsers:
        for batch in batches(once.of(reader.records())):
            new = [record for record in batch if record.digest not in present.exact]
            account.added += len(new)
            account.skipped += len(batch) - len(new)
            asked = batch if mode == "strict" else new  # a strict server refuses before it skips
            dialect = dialects[batch[0].database]
            found = await _warnings(asked, dialect=dialect, parsers=parsers)
            _tell_sql(found, parsers[0], present=present, account=account)
            for record in new:
                if twin := twins.earlier(record):
                    account.warnings.add(f"{record.place}: {twin}")
            yield len(batch)
    account.again = once.left_out


def _tell_sql(
    found: Sequence[tuple[Record, GoldenRecordWarning]],
    parser: SqlCheck,
    *,
    present: Present,
    account: Account,
) -> None:
    """Add what is wrong with the SQL of records; nothing is told of one that a server would skip."""
    for record, warning in found:
        if parser.refuses(warning):
            account.refused.add(shown(record, warning.model_dump()))
        elif record.digest not in present.exact:
            account.warnings.add(shown(record, warning.model_dump()))


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
async def _parsers(mode: SqlCheckMode) -> AsyncIterator[Sequence[SqlCheck]]:
    parsers = [SqlCheck(mode) for _ in range(min(MOST_PARSERS, os.cpu_count() or 1))]
    try:
        yield parsers
    finally:
        await asyncio.gather(*(parser.close() for parser in parsers))


async def _warnings(
    records: Sequence[Record], *, dialect: str, parsers: Sequence[SqlCheck]
) -> list[tuple[Record, GoldenRecordWarning]]:
    """Return the records with doubtful SQL, by parsers that work at the same time."""
    shares = [records[first :: len(parsers)] for first in range(len(parsers))]
    found = await asyncio.gather(
        *(
            parser.warnings([record.fields["sql"] for record in share], dialect=dialect)
            for parser, share in zip(parsers, shares, strict=True)
        )
    )
    told = (found[index % len(parsers)][index // len(parsers)] for index in range(len(records)))
    return [(record, warning) for record, warning in zip(records, told, strict=True) if warning is not None]
