"""Recognises a line of a provider's log in every answer.

Some endpoints give a line another id in each answer, or none, or the present for its time. So a line is known
if two of three agree: its id, its time, and its text with level and metrics. Two lines of an endpoint with
different ids, but the same text and time, are one: the second says nothing new.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)
"""The precision of a time in MongoDB."""


@dataclass(frozen=True, slots=True)
class LineIdentity:
    """A line's id (maybe empty), its time (maybe missing), and a digest of its content."""

    event_id: str
    at: datetime | None
    text: int

    @property
    def digests(self) -> list[int]:
        """One digest for each pair of its id, time and text; equal lines share at least one digest."""
        at_ms = None if self.at is None else (self.at - _EPOCH) // _MILLISECOND
        digests = [digest("time and text", at_ms, self.text)]
        if self.event_id:
            digests.append(digest("id and text", self.event_id, self.text))
        if self.event_id and at_ms is not None:
            digests.append(digest("id and time", self.event_id, at_ms))
        return digests


def digest(*parts: object) -> int:
    """Return a 64-bit digest of the parts: a number takes the least room in an index."""
    content = json.dumps(parts).encode()
    return int.from_bytes(blake2b(content, digest_size=8).digest(), signed=True)
