"""Answers to requests that are refused before the application sees them."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from graphql_api.http.problems import code_of, problem
from graphql_api.http.request_ids import HEADER
from graphql_api.http.safe_headers import DEFAULTS

HEAD_BYTES = 32_768
"""The largest head of a request: its URL and headers, or what arrived of them."""
MOST_HEADERS = 100
URL_BYTES = 16_384
HANDSHAKE_LINE_BYTES = 8_192
"""The longest line of a WebSocket's handshake; it is websockets' own limit."""
MOST_PIECES = 20_000
"""The most pieces of one body. A piece costs the same whether it is of one byte or of thousands."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refusal."""

    status: int
    detail: str

    @property
    def code(self) -> str:
        """The code for clients."""
        return code_of(self.status)

    def answer(self, *, request_id: str, default_headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
        """Return the whole answer, the last one on its connection."""
        response = problem(self.status, code=self.code, detail=self.detail)
        response.headers.update({**DEFAULTS, HEADER: request_id, "Connection": "close"})
        lines = [b": ".join(header) for header in (*default_headers, *response.raw_headers)]
        head = b"\r\n".join(
            [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode(), *lines, b"\r\n"]
        )
        return head + bytes(response.body)


AHEAD_BYTES = HEAD_BYTES
"""The most bytes that wait behind a request without an answer."""

MALFORMED = Refusal(400, "The request is not HTTP/1.1, or breaks its rules.")
TOO_MUCH_AHEAD = Refusal(400, f"At most {AHEAD_BYTES} bytes may wait for the answer to the request before.")
HEAD_TOO_LATE = Refusal(408, "The head of the request did not arrive in time.")
BODY_TOO_LATE = Refusal(408, "The body of the request did not arrive in time.")
TOO_MANY_PIECES = Refusal(413, f"The body must have at most {MOST_PIECES} pieces.")
URL_TOO_LONG = Refusal(414, f"The URL must have at most {URL_BYTES} bytes.")
HEAD_TOO_LARGE = Refusal(431, f"The head of a request must have at most {HEAD_BYTES} bytes.")
TOO_MANY_HEADERS = Refusal(431, f"A request must have at most {MOST_HEADERS} headers.")
HANDSHAKE_LINE_TOO_LONG = Refusal(
    431, f"A line of a WebSocket's handshake must have at most {HANDSHAKE_LINE_BYTES} bytes."
)
TOO_MANY_CONNECTIONS = Refusal(503, "Too many connections are open; try again later.")


class RefusedError(Exception):
    """A parser's callback refuses the request."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal
