"""The history of a finetuning.

A reader resuming at any place misses nothing and sees nothing twice.
"""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import (
    BadCursorError,
    BaseLlm,
    Finetuning,
    FinetuningEvent,
    FinetuningEventKind,
    LineRange,
    ProviderEvent,
)
from graphql_api.store.database import Database
from graphql_api.store.history import HistoryEvent, Place, history_after, history_before
from graphql_api.store.reads import provider_events

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return a moment."""
    return START + timedelta(seconds=seconds)


def own(seconds: float, message: str) -> FinetuningEvent:
    """Return an entry of a timeline."""
    return FinetuningEvent(at=at(seconds), kind=FinetuningEventKind.STATUS_CHANGED, message=message)


class Story:
    """A finetuning with a growing timeline and a growing log at the provider."""

    def __init__(self, database: Database) -> None:
        assert database is not None, "documents can be made once the database is initialised"
        self.lines: list[ProviderEvent] = []
        self.finetuning = Finetuning(
            tenant="default",
            db_connection_id=PydanticObjectId(),
            alias="a",
            base_llm=BaseLlm(model_provider="openai", model_name="m"),
            created_at=START,
            updated_at=START,
            due_at=None,
            timeline=[own(0, "created")],
        )

    def happens(self, seconds: float, message: str) -> None:
        """Append to the timeline."""
        self.finetuning.timeline.append(own(seconds, message))

    def becomes_known(self, seconds: float, message: str, *, counted: bool = True) -> None:
        """Append to the provider's log; an uncounted line is shown to no one."""
        line = ProviderEvent(
            id=PydanticObjectId(),
            finetuning_id=self.finetuning.id,
            number=len(self.lines),
            event_id=message,
            at=at(seconds),
            kind=FinetuningEventKind.PROVIDER_MESSAGE,
            level="info",
            message=message,
        )
        self.lines.append(line)
        self.finetuning.provider_events += counted

    async def load(self, wanted: LineRange) -> list[ProviderEvent]:
        """Return lines of the log."""
        return [line for line in self.lines if wanted.has(line)]

    async def page(self, place: Place, first: int) -> tuple[list[tuple[Place, HistoryEvent]], bool]:
        """Return a page."""
        page = await history_after(place, self.finetuning, first=first, load=self.load)
        return page.entries, page.has_more

    async def told(self, place: Place, *, first: int = 100) -> list[str | None]:
        """Return all messages after the place, page by page."""
        messages, has_next = [], True
        while has_next:
            entries, has_next = await self.page(place, first)
            messages += [event.message for _, event in entries]
            place = entries[-1][0] if entries else place
        return messages

    async def told_backwards(
        self, place: Place, *, last: int, start: Place | None = None
    ) -> list[str | None]:
        """Return all messages before the place, read page by page from the end."""
        messages, has_previous = list[str | None](), True
        while has_previous:
            page = await history_before(
                place, self.finetuning, last=last, load=self.load, start=start or Place()
            )
            messages = [event.message for _, event in page.entries] + messages
            place = page.entries[0][0].in_front if page.entries else place
            has_previous = page.has_more
        return messages


@pytest.fixture
def story(database: Database) -> Story:
    """Yield a finetuning with an entry every ten seconds, and a line five seconds after each."""
    story = Story(database)
    for second in range(1, 4):
        story.happens(10 * second, f"own {second}")
        story.becomes_known(10 * second + 5, f"theirs {second}")
    return story


@pytest.mark.parametrize("first", [1, 2, 3, 5, 100])
async def test_both_are_merged_by_time(story: Story, first: int) -> None:
    """For any size of the pages; the last page says that it is the last."""
    expected = ["created", "own 1", "theirs 1", "own 2", "theirs 2", "own 3", "theirs 3"]
    assert await story.told(Place(), first=first) == expected


@pytest.mark.parametrize("last", [1, 2, 3, 5, 100])
async def test_the_same_is_read_backwards(story: Story, last: int) -> None:
    """From its end, and from a place to a place."""
    whole = await story.told(Place())
    entries, _ = await story.page(Place(), 100)
    end = Place.end_of(story.finetuning)
    assert await story.told_backwards(end, last=last) == whole
    assert await story.told_backwards(entries[5][0].in_front, last=last) == whole[:5]
    assert await story.told_backwards(end, last=last, start=entries[1][0]) == whole[2:]
    assert await story.told_backwards(Place(), last=last) == []


async def test_a_place_knows_the_entry_in_front_of_it(story: Story) -> None:
    """A page before an entry does not have the entry itself, even if it became known late."""
    story.becomes_known(0.1, "late")
    entries, _ = await story.page(Place(4, 3), 100)
    assert [event.message for _, event in entries] == ["late"]
    place = Place.decode(entries[-1][0].encode(of=story.finetuning.id), of=story.finetuning.id)
    assert (place, place.in_front) == (Place(4, 4, of_provider=True), Place(4, 3))
    before = await story.told_backwards(place.in_front, last=100)
    assert before == ["created", "own 1", "theirs 1", "own 2", "theirs 2", "own 3", "theirs 3"]


async def test_within_a_second_what_was_done_here_comes_first(database: Database) -> None:
    """The provider's times are cut off to whole seconds; and nothing comes before the creation."""
    story = Story(database)
    story.becomes_known(-7, "their clock is behind")
    story.happens(20.4, "asked")
    story.becomes_known(20, "answered")
    story.happens(21, "a second later")
    told = await story.told(Place())
    assert told == ["created", "their clock is behind", "asked", "answered", "a second later"]
    assert await story.told_backwards(Place.end_of(story.finetuning), last=2) == told


async def test_each_keeps_its_own_order_whatever_its_times_say(story: Story) -> None:
    """A clock stepping back does not change the order of arrival."""
    story.happens(-100, "own back")
    story.becomes_known(-50, "theirs back")
    assert (await story.told(Place()))[-4:] == ["own 3", "own back", "theirs 3", "theirs back"]


async def test_what_becomes_known_late_comes_behind_what_was_seen(story: Story) -> None:
    """The provider told late of events between two entries seen long ago."""
    entries, has_next = await story.page(Place(), 100)
    assert not has_next
    last = entries[-1][0]
    story.becomes_known(0.1, "late")
    assert await story.told(last) == ["late"]
    assert (await story.told(Place()))[-1] == "late"


async def test_lines_that_are_not_counted_are_not_shown(story: Story) -> None:
    """They may still be stored anew."""
    story.becomes_known(9, "uncounted", counted=False)
    assert "uncounted" not in await story.told(Place())
    entries, has_next = await story.page(Place(), 100)
    assert (entries[-1][1].message, has_next) == ("theirs 3", False)


@pytest.mark.parametrize("seed", range(50))
async def test_nothing_is_missed_and_nothing_comes_twice(database: Database, seed: int) -> None:
    """A reader resuming from its last cursor sees everything once, with both growing at any pace."""
    random, story = Random(seed), Story(database)
    place, seen, id_ = Place(), list[str | None](), story.finetuning.id
    for count in range(200):
        grows = random.choice([story.happens, story.becomes_known, None])
        if grows is not None:
            grows(random.uniform(-10, 10), f"event {count}")
        else:
            entries, _ = await story.page(Place.decode(place.encode(of=id_), of=id_), random.randint(1, 7))
            seen += [event.message for _, event in entries]
            place = entries[-1][0] if entries else place
    seen += await story.told(place)
    messages = [entry.message for entry in story.finetuning.timeline]
    messages += [line.message for line in story.lines]
    assert sorted(seen, key=str) == sorted(messages, key=str)
    ours = {entry.message for entry in story.finetuning.timeline}
    assert [one for one in seen if one in ours] == [entry.message for entry in story.finetuning.timeline]
    assert [one for one in seen if one not in ours] == [line.message for line in story.lines]
    backwards = await story.told_backwards(Place.end_of(story.finetuning), last=random.randint(1, 7))
    assert [one for one in backwards if one in ours] == [entry.message for entry in story.finetuning.timeline]
    assert [one for one in backwards if one not in ours] == [line.message for line in story.lines]


def test_a_cursor_is_its_finetunings_own() -> None:
    """It holds a part of its own, the finetuning's id, beside the largest counts there may be."""
    id_, place = PydanticObjectId("6b0308ab2129d6dbbaff5137"), Place(2**32 - 1, 0)
    cursor = place.encode(of=id_)
    assert cursor == "ZWsDCKshKdbbuv9RN_____8AAAAA"
    assert Place.decode(cursor, of=id_) == place
    message = "a cursor of the events of finetuning 6b0308ab2129d6dbbaff5137, not of 6b0308ab2129d6dbbaff5138"
    with pytest.raises(BadCursorError, match=f"^{message}$"):
        Place.decode(cursor, of=PydanticObjectId("6b0308ab2129d6dbbaff5138"))


async def test_ranges_are_read_in_one_query(database: Database) -> None:
    """Each gets its own lines, in order."""
    stories = [Story(database) for _ in range(3)]
    for story in stories:
        for number in range(5):
            story.becomes_known(number, f"line {number}")
        await ProviderEvent.insert_many(story.lines[::-1])
    wanted = [LineRange(story.finetuning.id, start, start + 2) for start, story in enumerate(stories)]
    found = await provider_events([*wanted, LineRange(PydanticObjectId(), 0, 9)])
    assert [[line.number for line in lines] for lines in found] == [[0, 1], [1, 2], [2, 3], []]
    assert [lines[0].finetuning_id for lines in found[:3]] == [one.finetuning.id for one in stories]
