"""Groups of records for one request each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from graphql_api.transfer.records import Record

MOST_A_BATCH = 500
LARGEST_BATCH_BYTES = 500_000
"""Half of a server's default limit, in bytes of JSON; a longer record goes alone."""

MOST_WAITING_BYTES = 20_000_000
"""What may wait for more of its database: a file may mix them, and a request for each record is slow."""


@dataclass(slots=True)
class _Waiting:
    """The records of one database that wait for more."""

    records: list[Record] = field(default_factory=list)
    size: int = 0

    def add(self, record: Record, *, length: int) -> list[Record]:
        """Add the record; return the earlier ones if there is no room with them."""
        has_room = len(self.records) < MOST_A_BATCH and self.size + length <= LARGEST_BATCH_BYTES
        full = [] if has_room else self.take()
        self.records.append(record)
        self.size += length
        return full

    def take(self) -> list[Record]:
        """Return the records, and begin anew."""
        taken, self.records, self.size = self.records, [], 0
        return taken


def batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield groups of records of one database; each database keeps its order."""
    by_database = dict[str, _Waiting]()
    size = 0
    for record in records:
        length = len(orjson.dumps(record.fields))
        waiting = by_database.setdefault(record.database, _Waiting())
        before = waiting.size
        if full := waiting.add(record, length=length):
            yield full
        size += waiting.size - before
        if size > MOST_WAITING_BYTES:
            largest = max(by_database.values(), key=lambda one: one.size)
            size -= largest.size
            yield largest.take()
    yield from (waiting.records for waiting in by_database.values() if waiting.records)
