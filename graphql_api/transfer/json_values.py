"""JSON objects one after the other: a line each, in an array, or spread over lines."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from graphql_api.transfer.lines import BLANK, LONGEST, NEAR, TOO_LONG, misread, numbered
from graphql_api.transfer.records import Entry, Place

CHUNK = 65_536
"""The fewest characters to read at once."""

NO_OBJECT = "this is not a JSON object"
TRAILING = "something follows the object"
CUT_OFF = "the file ends here, within the array"

_BLANKS = re.compile(f"[{BLANK}]*")


class MalformedError(Exception):
    """A text that is not JSON, whatever follows."""


class Decoder:
    """Decodes strict JSON: no NaN, no name twice in one object.

    It is the standard library's: that of ``orjson`` keeps the last one of two names silently.
    """

    def __init__(self) -> None:
        self._json = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_refused)
        self._twice: str | None = None

    def decode(self, text: str, at: int = 0) -> tuple[Any, int, str]:
        """Return the value, its end, and its fault if it has one; raises ``MalformedError``.

        If the text ends too early, that is a ``json.JSONDecodeError``.
        """
        self._twice = None
        try:
            value, end = self._json.raw_decode(text, at)
        except json.JSONDecodeError:
            raise
        except RecursionError:
            raise MalformedError("this is nested too deeply") from None
        except ValueError:
            raise MalformedError("a number has too many digits") from None
        return value, end, self._fault(value)

    def decode_all(self, text: str) -> tuple[Any, str]:
        """Return the value that is the whole text, and its fault."""
        try:
            value, end, fault = self.decode(text)
        except json.JSONDecodeError as malformed:
            return None, _malformed(malformed.msg, near=text[malformed.pos :])
        except MalformedError as malformed:
            return None, str(malformed)
        return value, fault or (_malformed(TRAILING, near=text[end:]) if text[end:].strip() else "")

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            names = [name for name, _ in pairs]
            self._twice = next(name for name in names if names.count(name) > 1)
        return content

    def _fault(self, value: object) -> str:
        if self._twice is not None:
            return f"an object has the key {self._twice[:64]!r} twice"
        return "" if isinstance(value, dict) else NO_OBJECT


def is_complete(text: str) -> bool:
    """Whether the text begins with a whole JSON value."""
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def json_lines(text: TextIO, *, encoding: str) -> Iterator[Entry]:
    """Yield the object of each line, or its fault.

    Files put together, of which one has no end of its last line, have several objects on a line.
    """
    decoder = Decoder()
    for number, line in numbered(text):
        content = line.strip(BLANK)
        if content:
            place = Place("line", number)
            fault = TOO_LONG if len(content) > LONGEST else misread(content, encoding=encoding)
            yield from [Entry(place, None, fault)] if fault else _of_line(place, content, decoder)


def _of_line(place: Place, line: str, decoder: Decoder) -> Iterator[Entry]:
    try:
        for value, fault in _objects(line, decoder):
            yield Entry(place, None if fault else value, fault)
    except json.JSONDecodeError as malformed:
        yield Entry(place, None, _malformed(malformed.msg, near=line[malformed.pos :]))
    except MalformedError as malformed:
        yield Entry(place, None, str(malformed))


def _objects(line: str, decoder: Decoder) -> Iterator[tuple[Any, str]]:
    """Yield the values of a line with their faults; between two is nothing but blanks."""
    at = 0
    while at < len(line):
        value, end, fault = decoder.decode(line, at)
        at = _skipped(line, end)
        if line[at : at + 1] not in ("", "{"):
            raise json.JSONDecodeError(TRAILING, line, at)
        yield value, fault


def json_values(text: TextIO, *, encoding: str) -> Iterator[Entry]:
    """Yield the objects of one or more arrays, or outside of arrays; nothing follows a malformed one."""
    window, number = _Window(text), 0
    try:
        for number, (line, value, raw, found) in enumerate(_values(window, Decoder()), start=1):
            fault = misread(raw, encoding=encoding) or found
            yield Entry(Place("record", number, line), None if fault else value, fault)
    except MalformedError as malformed:
        yield Entry(Place("record", number + 1, window.line), None, str(malformed))


Taken = tuple[int, Any, str, str]
"""A value's line, the value, its text and its fault."""


def _values(window: "_Window", decoder: Decoder) -> Iterator[Taken]:
    while found := window.peek():
        if found == "[":
            window.skip()
            yield from _elements(window, decoder)
        else:
            yield window.take(decoder)


def _elements(window: "_Window", decoder: Decoder) -> Iterator[Taken]:
    """Yield the values of an array after its bracket, and pass its end."""
    if window.peek() == "]":
        window.skip()
        return
    while True:
        yield window.take(decoder)
        found = window.peek()
        if found not in (",", "]"):
            raise MalformedError(_malformed("',' or ']' is missing", near=found) if found else CUT_OFF)
        window.skip()
        if found == "]":
            return


class _Window:
    """The part of a text with the next value; ``line`` counts from 1."""

    def __init__(self, text: TextIO) -> None:
        self.line = 1
        self._text = text
        self._part, self._at = "", 0

    def peek(self) -> str:
        """Pass blanks and return the next character; it is empty at the end."""
        while True:
            end = _skipped(self._part, self._at)
            self._pass(end)
            if end < len(self._part) or not self._grow():
                return self._part[end : end + 1]

    def skip(self) -> None:
        """Pass the character of ``peek``."""
        self._at += 1

    def take(self, decoder: Decoder) -> Taken:
        """Pass the next value and return it; raises ``MalformedError``."""
        if not self.peek():
            raise MalformedError(CUT_OFF)
        while True:
            try:
                value, end, fault = decoder.decode(self._part, self._at)
            except json.JSONDecodeError as malformed:
                if not self._grow():
                    raise self._fault(malformed) from None
            else:
                line, raw = self.line, self._part[self._at : end]
                self._pass(end)
                return line, value, raw, fault

    def _pass(self, end: int) -> None:
        self.line += self._part.count("\n", self._at, end)
        self._at = end

    def _grow(self) -> bool:
        """Read on, the more the longer the value is; return whether there was more."""
        rest = self._part[self._at :]
        if len(rest) > LONGEST:
            raise MalformedError(TOO_LONG)
        more = self._text.read(max(CHUNK, len(rest)))
        if more:
            self._part, self._at = rest + more, 0
        return bool(more)

    def _fault(self, malformed: json.JSONDecodeError) -> MalformedError:
        """Return the error on the line of the fault."""
        self.line += self._part.count("\n", self._at, malformed.pos)
        return MalformedError(_malformed(malformed.msg, near=self._part[malformed.pos :]))


def _malformed(reason: str, *, near: str) -> str:
    where = f"near {near[:NEAR]!r}" if near.strip(BLANK) else "at the end"
    return f"this is not JSON: {reason[0].lower()}{reason[1:]} ({where})"


def _skipped(text: str, at: int) -> int:
    """Return the index of the next character that is no blank."""
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _refused(name: str) -> None:
    raise MalformedError(f"this is not JSON: {name} is no number")
