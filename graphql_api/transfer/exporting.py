"""Exports the golden records of a connection, the oldest first."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, BinaryIO

import orjson

from graphql_api.one_line import one_line
from graphql_api.transfer.client import Server
from graphql_api.transfer.names import DB_CONNECTION, id_of

RECORDS = """query ($id: ID!, $first: Int, $after: String) {
  goldenRecords(dbConnectionId: $id, first: $first, after: $after) {
    nodes { promptText sql metadata } pageInfo { hasNextPage endCursor }
  }
}"""


@contextmanager
def export(server: Server, *, db_connection: str) -> Iterator[Iterator[dict[str, Any]]]:
    """Yield the records after all have arrived; raises ``ServerError`` before the first one.

    A server lists the newest first, and an import adds in the order of the file. So the pages are kept in a
    temporary file and read in reverse order.
    """
    db_connection_id = id_of(db_connection, DB_CONNECTION, server=server)
    server.db_connection(db_connection_id)
    with tempfile.TemporaryFile() as spool:
        ends = [0]
        for page in server.pages(RECORDS, id=db_connection_id):
            spool.writelines(one_line(record) + b"\n" for record in reversed(page))
            ends.append(spool.tell())
        yield _backwards(spool, ends)


def _backwards(spool: BinaryIO, ends: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the records of the last page first."""
    for start, end in reversed(list(pairwise(ends))):
        spool.seek(start)
        while spool.tell() < end:
            yield orjson.loads(spool.readline())
