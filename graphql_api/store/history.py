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
"""The finetuning's id and both counts; the highest bit of the second one is set behind a provider's line."""
_OF_PROVIDER = 2**31


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the history: the numbers of timeline entries and of provider's lines before it.

    ``of_provider``: the entry before it is a line of the provider.
    """

    own: int = 0
    provider: int = 0
    of_provider: bool = False

    @classmethod
    def end_of(cls, finetuning: Finetuning) -> "Place":
        """Return the place behind all entries of this copy."""
        return cls(len(finetuning.timeline), finetuning.provider_events)

    @property
    def in_front(self) -> "Place":
        """The place in front of the entry before it."""
        if self.of_provider:
            return Place(self.own, max(self.provider - 1, 0))
        return Place(max(self.own - 1, 0), self.provider)

    @property
    def is_start(self) -> bool:
        """Whether nothing is before it."""
        return not self.own and not self.provider

    def encode(self, *, of: PydanticObjectId) -> str:
        """Return the place as an opaque cursor of this finetuning's history."""
        return cursors.encoded(
            Listing.EVENTS, _PLACE.pack(of.binary, self.own, self.provider | self.of_provider * _OF_PROVIDER)
        )

    @classmethod
    def decode(cls, cursor: str, *, of: PydanticObjectId) -> "Place":
        """Return the place of a cursor; raises ``BadCursorError`` for a cursor of another history."""
        id_, own, provider = _PLACE.unpack(cursors.decoded(cursor, of=Listing.EVENTS))
        if id_ != of.binary:
            raise BadCursorError(f"a cursor of the events of finetuning {id_.hex()}, not of {of}")
        return cls(own, provider % _OF_PROVIDER, of_provider=provider >= _OF_PROVIDER)

    def is_within(self, finetuning: Finetuning) -> bool:
        """Whether this copy of the finetuning has a history up to this place."""
        return self.own <= len(finetuning.timeline) and self.provider <= finetuning.provider_events


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Events, each with the place behind it, and whether more lie beyond them in the same direction."""

    entries: list[tuple[Place, HistoryEvent]]
    has_more: bool


async def history_after(
    place: Place, finetuning: Finetuning, *, first: int, load: LoadLines, end: Place | None = None
) -> HistoryPage:
    """Return the ``first`` events after the place, up to the ``end``.

    ``load`` is called only if the log has more lines.
    """
    end = end or Place.end_of(finetuning)
    own = finetuning.timeline[place.own : min(place.own + first, end.own)]
    wanted = LineRange(finetuning.id, place.provider, min(place.provider + first, end.provider))
    lines = await load(wanted) if wanted.start < wanted.stop else []
    entries = _merged(place, own, lines)[:first]
    last = entries[-1][0] if entries else place
    return HistoryPage(entries, has_more=last.own < end.own or last.provider < end.provider)


async def history_before(
    place: Place, finetuning: Finetuning, *, last: int, load: LoadLines, start: Place
) -> HistoryPage:
    """Return the ``last`` events before the place, from the ``start`` on, the oldest first."""
    own = finetuning.timeline[max(place.own - last, start.own) : place.own]
    wanted = LineRange(finetuning.id, max(place.provider - last, start.provider), place.provider)
    lines = await load(wanted) if wanted.start < wanted.stop else []
    entries = _merged_backwards(place, own, lines)[:last][::-1]
    first = entries[0][0].in_front if entries else place
    return HistoryPage(entries, has_more=first.own > start.own or first.provider > start.provider)


def _merged(
    place: Place, own: list[FinetuningEvent], lines: list[ProviderEvent]
) -> list[tuple[Place, HistoryEvent]]:
    """Merge both by time; each keeps its own order in any case, and nothing precedes the creation."""
    entries: list[tuple[Place, HistoryEvent]] = []
    ours, theirs = deque(own), deque(lines)
    while ours or theirs:
        if ours and (not theirs or place.own == 0 or ours[0].at < theirs[0].at + PROVIDERS_PRECISION):
            place = Place(place.own + 1, place.provider)
            entries.append((place, ours.popleft()))
        else:
            place = Place(place.own, theirs[0].number + 1, of_provider=True)
            entries.append((place, theirs.popleft()))
    return entries


def _merged_backwards(
    place: Place, own: list[FinetuningEvent], lines: list[ProviderEvent]
) -> list[tuple[Place, HistoryEvent]]:
    """Merge both from their ends, the last entry first, by the same rules."""
    entries: list[tuple[Place, HistoryEvent]] = []
    ours, theirs = deque(own), deque(lines)
    while ours or theirs:
        is_theirs = bool(theirs) and (
            not ours or place.own == 1 or ours[-1].at < theirs[-1].at + PROVIDERS_PRECISION
        )
        place = replace(place, of_provider=is_theirs)
        entries.append((place, theirs.pop() if is_theirs else ours.pop()))
        place = place.in_front
    return entries
