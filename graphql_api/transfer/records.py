"""Golden records of a file, each with its place there."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, or a record of an array; both count from 1."""

    noun: Literal["line", "record"]
    number: int
    line: int | None = None
    """The line on which a record of an array begins."""

    def __str__(self) -> str:
        return f"{self.noun} {self.number}" + (f" (line {self.line})" if self.line else "")


class RecordError(Exception):
    """A part of a file that is no golden record; ``place`` is where."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class FileError(Exception):
    """A file of which nothing can be read; the message gives the reason and the remedy."""


class FieldError(Exception):
    """An object that is no golden record of its shape; the message names the field."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a file; a ``fault`` is the reason why it is none."""

    place: Place
    content: Mapping[str, Any] | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A golden record; its fields have GraphQL's names, and ``database`` is what it is split by."""

    place: Place
    fields: dict[str, Any]
    database: str = ""

    @property
    def digest(self) -> bytes:
        """A digest, different for every other record."""
        told_apart = orjson.dumps([self.database, self.fields], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(told_apart).digest()
