"""Takes the definitions of tables out of a text with SQL statements, such as a dump."""

import re
from dataclasses import dataclass

DEFINING = ("CREATE", "ALTER", "COMMENT")
"""The first words of statements that say what a table looks like."""

_COPIED = re.compile(r"^COPY\s[^;]*FROM\s+stdin[^;]*;.*?^\\\.$", re.DOTALL | re.IGNORECASE | re.MULTILINE)
"""The rows of a table, as pg_dump writes them among the statements."""
_PART = re.compile(
    r"""'[^']*' | "[^"]*" | `[^`]*` | --[^\n]* | /\*.*?\*/ | \$(\w*)\$.*?\$\1\$ | (?P<end>;|^\s*GO\s*$)""",
    re.DOTALL | re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""What may hide a semicolon, or the end of a statement: SQL Server's tools take a line GO for one."""
_COMMENT = re.compile(r"\s*(--[^\n]*(\n|$)|/\*.*?\*/)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ddl:
    """The statements that define tables, and the first words of the others."""

    statements: tuple[str, ...]
    left_out: tuple[str, ...]


def definitions(text: str) -> Ddl:
    """Return the statements of the text."""
    kept, left_out = list[str](), dict[str, None]()
    for statement in _statements(_COPIED.sub("", text)):
        first = _first_word(statement)
        if first in DEFINING:
            kept.append(statement)
        elif first:
            left_out[first] = None
    return Ddl(tuple(kept), tuple(left_out))


def _statements(text: str) -> list[str]:
    ends = [found.span() for found in _PART.finditer(text) if found["end"] is not None]
    starts = [0, *(stop for _, stop in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return [text[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]


def _first_word(statement: str) -> str:
    """Return the first word in capitals; a statement of comments alone has none."""
    while (comment := _COMMENT.match(statement)) is not None:
        statement = statement[comment.end() :]
    found = re.match(r"\s*(\w+)", statement)
    return found[1].upper() if found else ""
