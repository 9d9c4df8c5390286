"""The forms in which golden records are written: JSON Lines, CSV and chats."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import IO, Any

from graphql_api.one_line import one_line

COLUMNS = ("prompt_text", "sql", "metadata")


def json_line(record: Mapping[str, Any]) -> bytes:
    """Return the line of a golden record with GraphQL's names."""
    line = {"prompt_text": record["promptText"], "sql": record["sql"]}
    if record["metadata"] is not None:
        line["metadata"] = record["metadata"]
    return one_line(line) + b"\n"


def csv_row(record: Mapping[str, Any]) -> bytes:
    """Return the row of a golden record; its metadata is a JSON object in one cell."""
    metadata = record["metadata"]
    text = "" if metadata is None else one_line(metadata).decode()
    return _row([record["promptText"], record["sql"], text])


def chat_line(record: Mapping[str, Any]) -> bytes:
    """Return the chat of a golden record; it has no place for metadata."""
    turns = {"user": record["promptText"], "assistant": record["sql"]}
    return one_line({"messages": [{"role": role, "content": text} for role, text in turns.items()]}) + b"\n"


def _row(cells: list[str]) -> bytes:
    """Return a row with all cells quoted, so that none is taken for a mark or a blank."""
    row = StringIO()
    csv.writer(row, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return row.getvalue().encode()


HEADER = _row(list(COLUMNS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file is written: its beginning, and each record."""

    written: Callable[[Mapping[str, Any]], bytes]
    header: bytes = b""
    has_metadata: bool = True

    def write(self, records: Iterable[Mapping[str, Any]], file: IO[bytes]) -> str:
        """Write the records, and return their number in words, with that of the metadata left out."""
        count = bare = 0
        file.write(self.header)
        for record in records:
            file.write(self.written(record))
            count += 1
            bare += not self.has_metadata and bool(record["metadata"])
        return f"exported {count}" + (f"; left out the metadata of {bare}" if bare else "")


FORMS = {
    "jsonl": Form(written=json_line),
    "csv": Form(written=csv_row, header=HEADER),
    "chat": Form(written=chat_line, has_metadata=False),
}
