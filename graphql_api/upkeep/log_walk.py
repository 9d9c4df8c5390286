"""One look through a provider's log for new lines.

OpenAI lists the newest line first, others the oldest. Lines are recognised by their ``LineIdentity`` and the
store's answer, never by their place. First the look reads pages from the start up to the first one with a
known line. If the list is newest first, there is nothing more. Any other list grows at its end, so the look
goes on behind the last line of an earlier look, and leaves out the part in between.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from graphql_api.documents import LineIdentity
from graphql_api.providers.port import (
    CredentialsError,
    EventPage,
    JobEvent,
    OutcomeUnknownError,
    ProviderFault,
    RejectedError,
)

MOST_PAGES = 20
"""The most pages of one look, of a hundred lines each."""

PageAfter = Callable[[str | None], Awaitable[EventPage]]
Known = Callable[[Sequence[int]], Awaitable[frozenset[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The result of a look: the new lines, oldest first, and the knowledge for the next look.

    A list in another order than newest first goes on behind ``resume_after``. ``is_cut`` means: the provider
    did not give all its lines. ``has_rest`` means: there was too much for one look.
    """

    lines: list[JobEvent]
    resume_after: str | None
    is_cut: bool
    has_rest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A page with its lines looked up; ``is_repeated`` if this look had seen all of them."""

    events: Sequence[JobEvent]
    is_new: list[bool]
    is_repeated: bool
    has_more: bool | None

    @property
    def news(self) -> list[JobEvent]:
        """The lines not stored yet."""
        return [event for event, is_new in zip(self.events, self.is_new, strict=True) if is_new]

    @property
    def last_id(self) -> str | None:
        """The id to go on from."""
        return next((event.id for event in reversed(self.events) if event.id), None)

    @property
    def goes_on(self) -> bool:
        """Whether there may be a page behind this one."""
        return self.has_more is not False and bool(self.events) and not self.is_repeated


class LogWalk:
    """A look at one log; ``known`` returns the stored digests, ``last_texts`` are the last stored lines'.

    ``keeps_parts`` says to keep the lines read so far if a later page fails. If a page is refused, they are
    kept in any case, because it will fail again. After ``limit_s`` the look reads no more pages.
    """

    def __init__(
        self,
        page_after: PageAfter,
        known: Known,
        *,
        identity_of: Callable[[JobEvent], LineIdentity],
        last_texts: frozenset[int],
        resume_after: str | None,
        keeps_parts: bool,
        limit_s: float,
    ) -> None:
        self._page_after = page_after
        self._known = known
        self._identity_of = identity_of
        self._last_texts = last_texts
        self._resume_after = resume_after
        self._keeps_parts = keeps_parts
        self._ends_at = get_running_loop().time() + limit_s
        self._pages_left = MOST_PAGES
        self._met: set[int] = set()
        self._is_cut = False

    async def look(self) -> Look:
        """Read the pages; raises the ``ProviderFault`` of a failed page if nothing is kept without it."""
        leaf = await self._turn_to(None)
        leaves = [leaf]
        while leaf.goes_on and all(leaf.is_new) and (following := await self._next(leaf)):
            leaf = following
            leaves.append(leaf)
        order = next((order for one in leaves if (order := _is_oldest_first(one)) is not None), None)
        goes_on = leaf.goes_on and not self._is_cut and order is not False
        end = await self._end_behind(leaf) if goes_on else []
        return Look(
            lines=_in_time(leaves + end, is_oldest_first=order or any(one.news for one in end)),
            resume_after=self._resume_after if order is False else self._resume_point(leaves, end),
            is_cut=self._is_cut,
            has_rest=self._pages_left == 0 and order is not False,
        )

    async def _end_behind(self, leaf: Leaf) -> list[Leaf]:
        """Return the pages at the end of the list, from the end of the last look on."""
        following = await self._resumed()
        if following is None or (following.events and following.is_repeated):
            self._resume_after = None
            following = await self._next(leaf)
        end = []
        while following and following.events:
            end.append(following)
            following = await self._next(following) if following.goes_on else None
        return end

    async def _resumed(self) -> Leaf | None:
        """Return the page after the last line seen, if the provider still knows that line."""
        try:
            return await self._turn_to(self._resume_after) if self._resume_after else None
        except CredentialsError:
            raise
        except RejectedError:
            return None

    async def _next(self, leaf: Leaf) -> Leaf | None:
        """Return the page behind this one, if the look may read it and the provider gives it."""
        if self._pages_left == 0:
            return None
        if leaf.last_id is None:
            self._is_cut = True
            return None
        try:
            return await self._turn_to(leaf.last_id)
        except ProviderFault as fault:
            is_refusal = isinstance(fault, RejectedError) and not isinstance(fault, CredentialsError)
            if not (is_refusal or self._keeps_parts):
                raise
        self._is_cut = True
        return None

    async def _turn_to(self, after: str | None) -> Leaf:
        if get_running_loop().time() > self._ends_at:
            raise OutcomeUnknownError("The provider is too slow with its log")
        self._pages_left -= 1
        page = await self._page_after(after)
        identities = [self._identity_of(event) for event in page.events]
        is_new = await self._are_new(identities, is_start=after is None)
        is_repeated = all(self._has_met(identity) for identity in identities)
        for place, identity in enumerate(identities):
            is_new[place] = is_new[place] and not self._has_met(identity)
            self._met.update(identity.digests)
        return Leaf(events=page.events, is_new=is_new, is_repeated=is_repeated, has_more=page.has_more)

    async def _are_new(self, identities: Sequence[LineIdentity], *, is_start: bool) -> list[bool]:
        known = await self._known([digest for identity in identities for digest in identity.digests])
        is_new = [known.isdisjoint(identity.digests) for identity in identities]
        if not is_start or not all(is_new):
            return is_new
        # An endpoint may make up both ids and times for each answer, and then only the text tells.
        return [identity.text not in self._last_texts for identity in identities]

    def _has_met(self, identity: LineIdentity) -> bool:
        return not self._met.isdisjoint(identity.digests)

    def _resume_point(self, leaves: Sequence[Leaf], end: Sequence[Leaf]) -> str | None:
        if self._is_cut or (self._resume_after and not end):
            return self._resume_after
        return next((leaf.last_id for leaf in (*reversed(end), *reversed(leaves)) if leaf.events), None)


def _is_oldest_first(leaf: Leaf) -> bool | None:
    """Return the order of the page by times, else by steps, else by the places of its new lines."""
    times = [event.at.timestamp() for event in leaf.events if event.at]
    steps = [event.metrics["step"] for event in leaf.events if event.metrics and "step" in event.metrics]
    for series in (times, steps, leaf.is_new):
        rises = sum((later > earlier) - (later < earlier) for earlier, later in pairwise(series))
        if rises:
            return rises > 0
    return None


def _in_time(leaves: Sequence[Leaf], *, is_oldest_first: bool) -> list[JobEvent]:
    """Return the new lines, oldest first; a line without a time stays behind the one before it."""
    listed = [event for leaf in leaves for event in leaf.news]
    times, at = [], datetime.min.replace(tzinfo=UTC)
    told = listed if is_oldest_first else listed[::-1]
    for event in told:
        at = event.at or at
        times.append(at)
    places = sorted(range(len(told)), key=times.__getitem__)
    return [told[place] for place in places]
