"""Rows of CSV and TSV, of which the first names the columns."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from graphql_api.transfer.json_values import Decoder
from graphql_api.transfer.lines import BLANK, LONGEST, PADDING, TOO_LONG, misread, numbered
from graphql_api.transfer.records import Entry, FileError, Place

JSON_COLUMN = "metadata"
"""Its cells are JSON objects."""

FAULTS = {
    "unexpected end of data": "a quotation mark is never closed",
    "field larger": "a cell is too long; is a quotation mark never closed?",
}
"""What the reader's errors mean."""


def table_rows(text: TextIO, *, delimiter: str, encoding: str) -> Iterator[Entry]:
    """Yield each row as an object, or its fault; after a broken row nothing follows.

    An empty cell is absent. The header may come again, as in files put together.
    """
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    decoder, columns = Decoder(), None
    while True:
        place = Place("line", reader.line_num + 1)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            yield Entry(place, None, _meaning(str(broken)))
            return
        if not any(cell.strip(BLANK) for cell in row) or _named(row) == columns:
            continue
        if columns is None:
            columns = _checked(_named(row), encoding=encoding)
            continue
        yield _entry(place, columns, row, encoding=encoding, decoder=decoder)


def _lines(text: TextIO) -> Iterator[str]:
    """Yield the lines without the padding behind the end."""
    for _, line in numbered(text):
        if len(line) > LONGEST:
            raise csv.Error(TOO_LONG)
        yield line.rstrip(PADDING)


def _named(row: Sequence[str]) -> list[str]:
    """Return the columns' names; one without a name gets its number."""
    names = [cell.strip(BLANK) for cell in row]
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def _checked(columns: list[str], *, encoding: str) -> list[str]:
    if fault := misread("".join(columns), encoding=encoding):
        raise FileError(fault)
    for name in columns:
        if columns.count(name) > 1:
            raise FileError(f"there are two columns {name[:64]!r}")
    return columns


def _entry(
    place: Place, columns: Sequence[str], row: Sequence[str], *, encoding: str, decoder: Decoder
) -> Entry:
    if fault := misread("".join(row), encoding=encoding):
        return Entry(place, None, fault)
    if len(row) != len(columns):
        return Entry(place, None, f"there are {len(row)} cells, and {len(columns)} columns")
    content: dict[str, Any] = {name: cell or None for name, cell in zip(columns, row, strict=True)}
    if (content.get(JSON_COLUMN) or "").startswith("{"):
        content[JSON_COLUMN], fault = decoder.decode_all(content[JSON_COLUMN])
    return Entry(place, None if fault else content, fault and f"{JSON_COLUMN}: {fault}")


def _meaning(error: str) -> str:
    known = (told for part, told in FAULTS.items() if error.startswith(part))
    return f"this is not a row of a table: {next(known, error)}"
