"""Finds what a person names: by its id, by the start of its id, or by its alias."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql_api.one_line import printable
from graphql_api.transfer.errors import UnknownNameError

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server

MOST_CANDIDATES = 5
WHOLE_ID = re.compile(r"[0-9a-fA-F]{24}")


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of document with an alias; ``listed`` is its field in the schema."""

    one: str
    many: str
    listed: str

    @property
    def query(self) -> str:
        """The query for those with a name; one more than can be shown, to know whether there are more."""
        found = f"{self.listed}(filter: {{named: $named}}, first: {MOST_CANDIDATES + 1})"
        return f"query ($named: String!) {{ {found} {{ nodes {{ id alias }} }} }}"


DB_CONNECTION = Noun("database connection", "database connections", "dbConnections")
FINETUNING = Noun("finetuning", "finetunings", "finetunings")


def id_of(name: str, noun: Noun, *, server: "Server") -> str:
    """Return the id of the one with this name; raises ``UnknownNameError`` for none and for several.

    A whole id is not looked up: the command itself finds out whether it exists. An alias wins over the start
    of an id.
    """
    if WHOLE_ID.fullmatch(name):
        return name.lower()
    found = server.ask(noun.query, named=name)["nodes"]
    candidates = [one for one in found if one["alias"] == name] or found
    if not candidates:
        raise UnknownNameError(f"there is no {noun.one} {printable(name)!r} at {server.url}")
    if len(candidates) > 1:
        raise UnknownNameError(
            f"{printable(name)!r} fits several {noun.many}: {_listed(candidates)}; give an id, or more of it"
        )
    return str(candidates[0]["id"])


def _listed(candidates: list[dict[str, str]]) -> str:
    named = [f"{one['id']} ({printable(one['alias'])})" for one in candidates[:MOST_CANDIDATES]]
    return ", ".join([*named, *(["and more"] if len(candidates) > MOST_CANDIDATES else [])])
