"""What a line of a provider's log is recognised by, whatever becomes of its id and its time.

Some endpoints give a line another id in each answer, or none, or the present for its time. So a line is a
known one where two of three agree: its id, its time, and its text with level and metrics. Two lines that
an endpoint tells apart by nothing but their ids are one: what they say is said.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)
"""MongoDB keeps no more of a time."""


@dataclass(frozen=True, slots=True)
class LineIdentity:
    """A line's id, which may be empty, its time if the provider tells one, and a digest of what it says."""

    event_id: str
    at: datetime | None
    text: int

    @property
    def digests(self) -> list[int]:
        """One for each two of id, time and text that it has; equal lines have one in common at least."""
        at_ms = None if self.at is None else (self.at - _EPOCH) // _MILLISECOND
        digests = [digest("time and text", at_ms, self.text)]
        if self.event_id:
            digests.append(digest("id and text", self.event_id, self.text))
        if self.event_id and at_ms is not None:
            digests.append(digest("id and time", self.event_id, at_ms))
        return digests


def digest(*parts: object) -> int:
    """Return 64 bits of what tells the parts from others: a number takes the least room in an index."""
    content = json.dumps(parts).encode()
    return int.from_bytes(blake2b(content, digest_size=8).digest(), signed=True)
