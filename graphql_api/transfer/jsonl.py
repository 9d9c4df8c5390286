"""Reads, checks and writes golden records as JSON lines."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from graphql_api.catalogue.golden_records import checked
from graphql_api.errors import BadUserInputError
from graphql_api.one_line import one_line

FIELDS = {
    "prompt_text": "prompt_text",
    "promptText": "prompt_text",
    "sql": "sql",
    "metadata": "metadata",
}
"""The names of a golden record's fields allowed in a line."""

REQUIRED = ("prompt_text", "sql")

LABELS = ("db_name", "dialect")
"""Further fields of public question sets, kept as metadata."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineError(Exception):
    """A line that is no golden record; ``number`` counts from 1."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(f"line {number}: {message}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Line:
    """A golden record and the number of its line, from 1; its fields have GraphQL's names."""

    number: int
    record: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """A short digest, different for every other record."""
        return hashlib.sha256(orjson.dumps(self.record, option=orjson.OPT_SORT_KEYS)).digest()


def read(lines: Iterable[bytes]) -> Iterator[Line]:
    """Yield the golden record of each non-blank line; raises ``LineError``."""
    for line in numbered(lines):
        yield parsed(*line)


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the non-blank lines with their numbers."""
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            yield number, text


def parsed(number: int, text: bytes) -> Line:
    """Return the golden record of a line; raises ``LineError``."""
    try:
        content = orjson.loads(text.strip())
    except orjson.JSONDecodeError as malformed:
        raise LineError(number, f"this is not JSON: {malformed.msg} (column {malformed.colno})") from None
    if not isinstance(content, dict):
        raise LineError(number, "this is not a JSON object")
    try:
        fields = checked(_fields(content, number=number))
    except BadUserInputError as wrong:
        raise LineError(number, wrong.message) from None
    record = {"promptText": fields["prompt_text"], "sql": fields["sql"], "metadata": fields["metadata"]}
    return Line(number, record)


def written(record: Mapping[str, Any]) -> bytes:
    """Return the line of a golden record with GraphQL's names."""
    line = {"prompt_text": record["promptText"], "sql": record["sql"]}
    if record["metadata"] is not None:
        line["metadata"] = record["metadata"]
    return one_line(line) + b"\n"


def _fields(content: Mapping[str, Any], *, number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"metadata": None}
    seen = set[str]()
    for name, value in content.items():
        if name in LABELS:
            continue
        if name not in FIELDS:
            known = ", ".join([*FIELDS, *LABELS])
            raise LineError(number, f"there is no field {name[:64]!r}; the fields are {known}")
        if FIELDS[name] in seen:
            raise LineError(number, "prompt_text and promptText are the same field")
        seen.add(FIELDS[name])
        fields[FIELDS[name]] = value
    for name in REQUIRED:
        if name not in fields:
            raise LineError(number, f"{name} is missing")
    return {**fields, "metadata": _labelled(fields["metadata"], content)}


def _labelled(metadata: object, content: Mapping[str, Any]) -> object:
    """Return the metadata with the labels added; its own values win."""
    labels = {name: content[name] for name in LABELS if name in content}
    if not labels or not isinstance(metadata, dict | None):
        return metadata
    return {**labels, **(metadata or {})}
