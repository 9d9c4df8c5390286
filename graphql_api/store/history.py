"""A finetuning's history: timeline and provider's log, merged.

Both grow only at their ends, but not at the same time: the provider's lines arrive later than they happen. So
a place in the history is not a time but a pair of counts, one for each source. From a place on, the rest of
both follows, merged by time: nothing is missed and nothing comes twice, however late it arrives.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from struct import Struct

from beanie import PydanticObjectId

from graphql_api.documents import cursors
from graphql_api.documents.cursors import BadCursorError, Listing
from graphql_api.documents.finetuning import Finetuning
from graphql_api.documents.provider_event import LineRange, ProviderEvent
from graphql_api.documents.timeline import FinetuningEvent

HistoryEvent = FinetuningEvent | ProviderEvent

LoadLines = Callable[[LineRange], Awaitable[list[ProviderEvent]]]

PROVIDERS_PRECISION = timedelta(seconds=1)
"""The provider cuts its times to whole seconds: an entry of ours in the same second is mostly the cause."""

_PLACE = Struct(">12sII")
"""The finetuning's id and both counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the history: the numbers of timeline entries and of provider's lines before it."""

    own: int = 0
    provider: int = 0

    def encode(self, *, of: PydanticObjectId) -> str:
        """Return the place as an opaque cursor of this finetuning's history."""
        return cursors.encoded(Listing.EVENTS, _PLACE.pack(of.binary, self.own, self.provider))

    @classmethod
    def decode(cls, cursor: str, *, of: PydanticObjectId) -> "Place":
        """Return the place of a cursor; raises ``BadCursorError`` for a cursor of another history."""
        id_, own, provider = _PLACE.unpack(cursors.decoded(cursor, of=Listing.EVENTS))
        if id_ != of.binary:
            raise BadCursorError(f"a cursor of the events of finetuning {id_.hex()}, not of {of}")
        return cls(own, provider)

    def is_within(self, finetuning: Finetuning) -> bool:
        """Whether this copy of the finetuning has a history up to this place."""
        return self.own <= len(finetuning.timeline) and self.provider <= finetuning.provider_events


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Events, each with the place behind it, and whether more follow."""

    entries: list[tuple[Place, HistoryEvent]]
    has_next: bool


async def history_after(place: Place, finetuning: Finetuning, *, first: int, load: LoadLines) -> HistoryPage:
    """Return the ``first`` events after the place; ``load`` is called only if the log has more lines."""
    own = finetuning.timeline[place.own : place.own + first]
    wanted = LineRange(finetuning.id, place.provider, min(place.provider + first, finetuning.provider_events))
    lines = await load(wanted) if wanted.start < wanted.stop else []
    entries = _merged(place, own, lines)[:first]
    last = entries[-1][0] if entries else place
    has_next = last.own < len(finetuning.timeline) or last.provider < finetuning.provider_events
    return HistoryPage(entries, has_next=has_next)


def _merged(
    place: Place, own: list[FinetuningEvent], lines: list[ProviderEvent]
) -> list[tuple[Place, HistoryEvent]]:
    """Merge both by time; each keeps its own order in any case, and nothing precedes the creation."""
    entries: list[tuple[Place, HistoryEvent]] = []
    ours, theirs = deque(own), deque(lines)
    while ours or theirs:
        if ours and (not theirs or place.own == 0 or ours[0].at < theirs[0].at + PROVIDERS_PRECISION):
            place = replace(place, own=place.own + 1)
            entries.append((place, ours.popleft()))
        else:
            place = replace(place, provider=theirs[0].number + 1)
            entries.append((place, theirs.popleft()))
    return entries
