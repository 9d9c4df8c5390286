"""Bounds what a tenant's endpoint may answer: the server reads each answer as a whole."""

from collections.abc import AsyncIterator

import httpx2

MOST_ANSWER_BYTES = 2_000_000
"""A hundred jobs with all their fields have less than half of it.

JSON is read in one step, and the process does nothing else meanwhile, also in another thread. Of so many
bytes that takes a fraction of a second.
"""
MOST_REFUSAL_BYTES = 100_000
"""A refusal is read no further. Its status says enough, and the SDK reads it as JSON without a bound."""
PLAIN = "identity"


def asked_plainly(request: httpx2.Request) -> httpx2.Request:
    """Ask for an answer that is not packed: unpacked, a small one may fill the memory."""
    request.headers["accept-encoding"] = PLAIN
    return request


def bounded(response: httpx2.Response) -> httpx2.Response:
    """Return the answer with its bound; raises ``httpx2.ReadError`` for a packed one."""
    if response.headers.get("content-encoding", PLAIN) != PLAIN:
        raise httpx2.ReadError("the answer is packed")
    if not isinstance(response.stream, httpx2.AsyncByteStream):
        raise TypeError("an answer without a stream")
    response.stream = _Bounded(response.stream, is_refusal=not response.is_success)
    return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, *, is_refusal: bool) -> None:
        self._stream = stream
        self._is_refusal = is_refusal

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_REFUSAL_BYTES if self._is_refusal else MOST_ANSWER_BYTES
        async for part in self._stream:
            left -= len(part)
            if left < 0 and self._is_refusal:
                return
            if left < 0:
                raise httpx2.ReadError("the answer is too long")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
