"""Measures one request while it is parsed."""

from graphql_api.http.wire import refusals
from graphql_api.http.wire.refusals import RefusedError

SLICE_BYTES = 4_096
"""The most bytes parsed at once. Small requests are many in it, and each one waits for the one before."""
STEPS_AT_ONCE = 50
"""The most calls of the parser for one connection before others have their turn."""
SMALL_BYTES = 16_384
"""More bytes at once than these are parsed in turns. Common requests are smaller."""
LINE_OVERHEAD_BYTES = 4
"""Colon, space and line end of a header."""


class Measure:
    """The sizes of a request so far; each method raises ``RefusedError`` if they are too large.

    ``steps`` counts the calls of the parser, because each of them costs time of its own.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.silent_bytes = 0
        self._head_bytes = self._url_bytes = self._headers = self._pieces = 0

    def begin(self) -> None:
        """Begin a request."""
        self._head_bytes = self._url_bytes = self._headers = self._pieces = 0

    def url(self, part: bytes) -> None:
        """Count a part of the URL."""
        self._url_bytes += len(part)
        if self._url_bytes > refusals.URL_BYTES:
            raise RefusedError(refusals.URL_TOO_LONG)
        self._head(len(part))

    def header(self, name: bytes, value: bytes) -> None:
        """Count a header, or one behind the body."""
        self._headers += 1
        if self._headers > refusals.MOST_HEADERS:
            raise RefusedError(refusals.TOO_MANY_HEADERS)
        self._head(len(name) + len(value) + LINE_OVERHEAD_BYTES)

    def piece(self) -> None:
        """Count a piece of the body."""
        self.steps += 1
        self._pieces += 1
        if self._pieces > refusals.MOST_PIECES:
            raise RefusedError(refusals.TOO_MANY_PIECES)

    def parsed(self, size_bytes: int, *, steps_before: int) -> None:
        """Count parsed bytes. Without a call of the parser they belong to a line without an end so far."""
        self.silent_bytes = 0 if self.steps > steps_before else self.silent_bytes + size_bytes
        if self._head_bytes + self.silent_bytes > refusals.HEAD_BYTES:
            raise RefusedError(refusals.HEAD_TOO_LARGE)

    def _head(self, size_bytes: int) -> None:
        self.steps += 1
        self._head_bytes += size_bytes
        if self._head_bytes > refusals.HEAD_BYTES:
            raise RefusedError(refusals.HEAD_TOO_LARGE)
