"""Reads the golden records of a file, one after the other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql_api.inputs import LONGEST_ALIAS
from graphql_api.transfer.json_values import json_lines, json_values
from graphql_api.transfer.records import Entry, FieldError, Record, RecordError
from graphql_api.transfer.shapes import Content, Shape, shape_of, text
from graphql_api.transfer.source import Source
from graphql_api.transfer.tables import table_rows

MOST_NAMES = 100
"""How many different fields are counted by their names."""

OTHERS = "others"


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads a source as often as asked.

    Without a ``shape`` it takes the one of the first object. ``split_by`` is a field, its value a database.
    """

    source: Source
    shape: Shape | None = None
    keeps_rest: bool = False
    split_by: str = ""

    def records(self) -> Iterator[Record]:
        """Yield the records; raises ``RecordError`` for the first wrong one."""
        for found in self.found():
            if isinstance(found, RecordError):
                raise found
            yield found

    def found(self, left_out: Counter[str] | None = None) -> Iterator[Record | RecordError]:
        """Yield each record or what is wrong with it, and count the fields that are left out.

        Raises ``FileError`` if the file has no known shape, or cannot be read on.
        """
        with self.source.text() as text_:
            for entry in self._entries(text_):
                try:
                    record, rest = self._record(entry)
                except FieldError as wrong:
                    yield RecordError(entry.place, str(wrong))
                    continue
                if left_out is not None:
                    _count(rest, left_out)
                yield record

    def _entries(self, text_: Any) -> Iterator[Entry]:
        source = self.source
        if source.delimiter:
            return table_rows(text_, delimiter=source.delimiter, encoding=source.encoding)
        read = json_lines if source.layout == "JSON Lines" else json_values
        return read(text_, encoding=source.encoding)

    def _record(self, entry: Entry) -> tuple[Record, list[str]]:
        if entry.content is None:
            raise FieldError(entry.fault)
        if self.shape is None:
            self.shape = shape_of(entry.content)
        fields, rest = self.shape.fields(entry.content, keeps_rest=self.keeps_rest)
        database = self._database(entry.content) if self.split_by else ""
        return Record(entry.place, fields, database), [name for name in rest if name != self.split_by]

    def _database(self, content: Content) -> str:
        named = text(content.get(self.split_by))
        if not isinstance(named, str) or not named.strip():
            raise FieldError(f"{self.split_by} must name a database")
        if len(named) > LONGEST_ALIAS:
            raise FieldError(f"{self.split_by} must have at most {LONGEST_ALIAS} characters")
        return named


def _count(names: list[str], left_out: Counter[str]) -> None:
    for name in names:
        left_out[name if name in left_out or len(left_out) < MOST_NAMES else OTHERS] += 1
