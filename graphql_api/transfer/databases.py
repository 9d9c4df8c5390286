"""One connection for each database of a file: the one that is there, or a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graphql_api.catalogue.dialects import parser_dialect, suggestion
from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import ServerError
from graphql_api.transfer.table_schemas import Tables

MOST_NAMED = 5
"""How many databases a message names."""

# Also those whose id begins so.
FIND = """query ($named: String!, $first: Int, $after: String) {
  dbConnections(filter: { named: $named }, first: $first, after: $after) {
    nodes { id alias dialect tableSchemas } pageInfo { hasNextPage endCursor }
  }
}"""
CREATE = "mutation ($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"
UPDATE = """mutation ($id: ID!, $input: UpdateDbConnectionInput!) {
  updateDbConnection(dbConnectionId: $id, input: $input) { id }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database of a file, and its connection; ``id`` is empty for one that is to be made.

    ``tables`` are those to bring along.
    """

    name: str
    dialect: str
    id: str = ""
    tables: tuple[str, ...] = ()
    has_tables: bool = False

    def __str__(self) -> str:
        made = "connection" if self.id else "a new connection"
        count = len(self.tables)
        tables = f", with {count} table{'' if count == 1 else 's'}" if count else ""
        kept = ", its tables stay" if self.has_tables else ""
        return f"{made} of {self.dialect}{tables}{kept}"

    def made(self, server: Server) -> "Database":
        """Make the connection, or give the one that is there its tables; raises ``ServerError``."""
        tables = list(self.tables)
        if not self.id:
            given = {"alias": self.name, "dialect": self.dialect, "tableSchemas": tables}
            return replace(self, id=server.ask(CREATE, input=given)["id"])
        if tables:
            server.ask(UPDATE, id=self.id, input={"tableSchemas": tables})
        return self


def planned(
    names: Iterable[str], *, server: Server, dialect: str | None, tables: Tables | None
) -> list[Database]:
    """Return the databases with what is to be done; nothing is changed.

    Raises ``ServerError`` if connections cannot be used, or cannot be made for want of a dialect.
    """
    if dialect and (meant := suggestion(dialect)):
        raise ServerError(f"the dialect {dialect[:40]!r} is not known; did you mean {meant!r}?")
    found = [_found(name, server=server, dialect=dialect, tables=tables) for name in names]
    without = [one.name for one in found if not one.dialect]
    if without:
        raise ServerError(f"there is no connection for {_listed(without)}; --dialect makes one for each")
    return found


def _found(name: str, *, server: Server, dialect: str | None, tables: Tables | None) -> Database:
    given = tuple((tables or {}).get(name, ()))
    there = [one for one in server.entries(FIND, named=name) if one["alias"] == name]
    if len(there) > 1:
        raise ServerError(f"there are {len(there)} connections {name[:40]!r}; rename all but one")
    if not there:
        return Database(name=name, dialect=dialect or "", tables=given)
    (one,) = there
    if dialect and not _same(one["dialect"], dialect):
        raise ServerError(f"the connection {name[:40]!r} is of {one['dialect']}, not of {dialect}")
    has_tables = bool(one["tableSchemas"])
    return Database(
        name=name,
        id=one["id"],
        dialect=one["dialect"],
        tables=() if has_tables else given,
        has_tables=has_tables,
    )


def _same(dialect: str, other: str) -> bool:
    """Whether two names are of one dialect."""
    return dialect == other or parser_dialect(dialect) == parser_dialect(other) is not None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(
        [*(repr(name[:40]) for name in names[:MOST_NAMED]), *([f"{more} more"] if more > 0 else [])]
    )
