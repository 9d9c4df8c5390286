"""Look after look at an oddly told log.

Every line is found, and found once.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from graphql_api.providers.port import (
    CredentialsError,
    EventPage,
    JobEvent,
    OutcomeUnknownError,
    RejectedError,
)
from graphql_api.store.provider_log import told_identity
from graphql_api.upkeep.log_walk import MOST_PAGES, LogWalk, Look

PER_PAGE = 100


def line(number: int, **changes: object) -> JobEvent:
    """Return the line of this number, which is also its second."""
    at = datetime.fromtimestamp(1_700_000_000 + number, UTC)
    whole = JobEvent(id=f"ev-{number}", at=at, level="info", message=f"line {number}")
    return replace(whole, **changes)  # type: ignore[arg-type]  # a test may change what it likes


class Present:
    """A second later with each page."""

    time = datetime(2030, 1, 1, tzinfo=UTC)


clock = Present()


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """A provider's list of a log; ``told`` says each line in the endpoint's own way."""

    lines: list[JobEvent]
    is_oldest_first: bool = False
    told: Callable[[JobEvent], JobEvent] = field(default=lambda event: event)
    says_more: bool = True
    knows_after: bool = True
    fault: Exception | None = None
    pages: int = 0

    async def page(self, after: str | None) -> EventPage:
        """Return a page as OpenAI cuts it; an unknown ``after`` starts again if so told."""
        self.pages += 1
        clock.time += timedelta(seconds=1)
        if self.fault:
            raise self.fault
        listed = self.lines if self.is_oldest_first else self.lines[::-1]
        listed = [self.told(event) for event in listed]
        ids = [event.id for event in listed]
        start = ids.index(after) + 1 if after in ids and self.knows_after else 0
        end = start + PER_PAGE
        return EventPage(events=listed[start:end], has_more=end < len(listed) if self.says_more else None)


@dataclass(slots=True, kw_only=True)
class Reader:
    """Looks at an endpoint again and again, and keeps its finds."""

    endpoint: Endpoint
    kept: list[JobEvent] = field(default_factory=list)
    resume_after: str | None = None
    keeps_parts: bool = False
    limit_s: float = 60

    async def look(self) -> Look:
        """Keep the new lines, and return all found ones."""

        async def known(digests: Sequence[int]) -> frozenset[int]:
            stored = [set(told_identity(event).digests) for event in self.kept]
            return frozenset().union(*(one for one in stored if not one.isdisjoint(digests)))

        look = await LogWalk(
            self.endpoint.page,
            known,
            identity_of=told_identity,
            last_texts=frozenset(told_identity(event).text for event in self.kept[-200:]),
            resume_after=self.resume_after,
            keeps_parts=self.keeps_parts,
            limit_s=self.limit_s,
        ).look()
        self.kept += look.lines
        self.resume_after = look.resume_after
        return look

    def messages(self) -> list[str]:
        """Return the found lines, in the order of their keeping."""
        return [event.message for event in self.kept]


async def grow(reader: Reader, *, steps: Sequence[int]) -> None:
    """Let the log grow in these steps, look after each, and check that all lines are there, each once."""
    for step in steps:
        lines = reader.endpoint.lines
        lines += [line(len(lines) + n) for n in range(step)]
        await reader.look()
        assert reader.messages() == [event.message for event in lines]


fresh = count()
SAME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
MANNERS: dict[str, Callable[[JobEvent], JobEvent]] = {
    "as it is": lambda event: event,
    "other ids": lambda event: replace(event, id=f"new-{next(fresh)}"),
    "no ids": lambda event: replace(event, id=""),
    "no times": lambda event: replace(event, at=None),
    "one time for all": lambda event: replace(event, at=SAME_TIME),
    "the present": lambda event: replace(event, at=clock.time),
    "other ids and no times": lambda event: replace(event, id=f"new-{next(fresh)}", at=None),
    "only words": lambda event: replace(event, id="", at=None),
}


@pytest.mark.parametrize("is_oldest_first", [False, True], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("manner", MANNERS)
async def test_a_log_of_one_page_is_read_in_every_manner(manner: str, *, is_oldest_first: bool) -> None:
    """Each line once, in its order, as it comes."""
    reader = Reader(endpoint=Endpoint(lines=[], is_oldest_first=is_oldest_first, told=MANNERS[manner]))
    await grow(reader, steps=[1, 0, 0, 3, 0, 30, 0, 1, 60, *[0] * 22])


@pytest.mark.parametrize("manner", ["as it is", "other ids", "no ids", "the present"])
async def test_the_same_words_may_come_again(manner: str) -> None:
    """A line that repeats another one is told from it by its time or else by its id."""
    reader = Reader(endpoint=Endpoint(lines=[], told=MANNERS[manner]))
    for number in range(9):
        reader.endpoint.lines.append(line(number, message="again"))
        assert len((await reader.look()).lines) == 1
        assert (await reader.look()).lines == []


async def test_words_that_are_told_otherwise_are_no_new_line() -> None:
    """A line with a known id and its known time is known, and stays as it was stored."""
    reader = Reader(endpoint=Endpoint(lines=[line(1), line(2)]))
    await reader.look()
    reader.endpoint.told = lambda event: replace(event, message=event.message.title())
    assert (await reader.look()).lines == []


@pytest.mark.parametrize("is_oldest_first", [False, True], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("manner", ["as it is", "no times", "one time for all"])
async def test_a_long_log_whose_ids_last_is_read_whole(manner: str, *, is_oldest_first: bool) -> None:
    """Page by page, and then at a cost that does not grow with it."""
    endpoint = Endpoint(lines=[], is_oldest_first=is_oldest_first, told=MANNERS[manner])
    reader = Reader(endpoint=endpoint)
    await grow(reader, steps=[1, 80, 30, 250, 0, 5, 0, 0, 110, 0])
    endpoint.pages = 0
    await grow(reader, steps=[0, 1] * 11)
    assert endpoint.pages <= 2 * 22


async def test_ids_that_are_places_on_the_page_hide_no_line() -> None:
    """A line is not taken for another one because that had its id before."""
    endpoint = Endpoint(lines=[])
    places = count()
    endpoint.told = lambda event: replace(event, id=f"{next(places) % len(endpoint.lines)}")
    await grow(Reader(endpoint=endpoint), steps=[1, 3, 0, 20, 0])


async def test_made_up_ids_and_times_are_known_by_what_is_said() -> None:
    """If both are of the moment, a log of one page is not stored again with every look."""
    endpoint = Endpoint(
        lines=[],
        told=lambda event: replace(event, id=f"new-{next(fresh)}", at=clock.time),
    )
    reader = Reader(endpoint=endpoint)
    endpoint.lines = [line(n) for n in range(40)]
    await reader.look()
    for _ in range(22):
        assert (await reader.look()).lines == []


@pytest.mark.parametrize("is_oldest_first", [False, True], ids=["newest first", "oldest first"])
async def test_an_answer_with_all_lines_at_once_is_read_once(*, is_oldest_first: bool) -> None:
    """An endpoint that knows neither pages nor ``after`` is asked twice more at most."""
    endpoint = Endpoint(lines=[], is_oldest_first=is_oldest_first, says_more=False, knows_after=False)
    reader = Reader(endpoint=endpoint)
    await grow(reader, steps=[90, 0, 5, 0])
    assert endpoint.pages <= 3 * 4


async def test_equal_lines_are_one() -> None:
    """Two that say the same at the same time, with nothing but their ids to tell them apart."""
    reader = Reader(endpoint=Endpoint(lines=[line(1), line(1, id="another"), line(2, message="line 1")]))
    for _ in range(3):
        await reader.look()
    assert [event.id for event in reader.kept] == ["another", "ev-2"]


async def test_a_list_without_end_is_read_for_twenty_pages_at_a_time() -> None:
    """The newest lines of a newest-first list; one after the other of an oldest-first one."""
    endless = [line(n) for n in range(5000)]
    newest = Reader(endpoint=Endpoint(lines=list(endless)))
    look = await newest.look()
    assert (newest.endpoint.pages, look.has_rest, look.is_cut) == (MOST_PAGES, False, False)
    assert newest.kept == endless[3000:]
    oldest = Reader(endpoint=Endpoint(lines=list(endless), is_oldest_first=True))
    rests = [(await oldest.look()).has_rest for _ in range(4)]
    assert (rests, oldest.kept) == ([True, True, False, False], endless)


async def test_a_line_that_is_shown_late_is_found_where_it_is() -> None:
    """Among lines that are known, and it turns no list round."""
    endpoint = Endpoint(lines=[line(n) for n in range(1, 50)])
    reader = Reader(endpoint=endpoint)
    await reader.look()
    endpoint.lines.append(line(0))
    assert [event.message for event in (await reader.look()).lines] == ["line 0"]
    endpoint.lines += [line(60), line(61)]
    assert [event.message for event in (await reader.look()).lines] == ["line 60", "line 61"]


@pytest.mark.parametrize("fault", [OutcomeUnknownError("slow"), CredentialsError("no"), RejectedError("no")])
async def test_the_first_page_decides(fault: Exception) -> None:
    """Without it there is nothing to keep, for any reason."""
    reader = Reader(endpoint=Endpoint(lines=[line(1)], fault=fault), keeps_parts=True)
    with pytest.raises(type(fault)):
        await reader.look()


async def test_a_look_ends_in_its_time() -> None:
    """A provider that answers slowly, page after page, holds up no other log."""
    reader = Reader(endpoint=Endpoint(lines=[line(n) for n in range(500)]), limit_s=0)
    await asyncio.sleep(0)
    with pytest.raises(OutcomeUnknownError):
        await reader.look()
    assert reader.endpoint.pages <= 1
