"""Work on the texts of documents."""

import asyncio
from threading import Event

import pytest
from graphql import GraphQLError

from graphql_api.schema.execution.long_texts import SHORT_CHARACTERS, LongTexts, read

LONG = "x" * (SHORT_CHARACTERS + 1)


async def test_long_texts_are_worked_on_one_at_a_time() -> None:
    """The second waits for the first; a short one waits for neither."""
    texts, goes_on, done = LongTexts(), Event(), list[str]()
    first = asyncio.create_task(texts.work(LONG, goes_on.wait))
    second = asyncio.create_task(texts.work(LONG, lambda: done.append("second")))
    await asyncio.sleep(0.05)
    await texts.work("{ one }", lambda: done.append("short"))
    goes_on.set()
    await asyncio.gather(first, second)
    assert done == ["short", "second"]


async def test_a_text_is_worked_on_by_one() -> None:
    """The others wait for its end; another text waits for nothing."""
    texts = LongTexts()
    await texts.begin("a")
    others = [asyncio.create_task(texts.begin("a")) for _ in range(3)]
    await texts.begin("b")
    await asyncio.sleep(0)
    assert not any(one.done() for one in others)
    for ended in (1, 2, 3):
        texts.end("a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sum(one.done() for one in others) == ended


def test_a_document_keeps_the_places_of_its_parts() -> None:
    """Errors name line and column."""
    document = read("{\n  one\n}", most_tokens=10)
    error = GraphQLError("wrong", document.definitions[0].selection_set.selections[0])  # type: ignore[attr-defined]
    assert [(one.line, one.column) for one in error.locations or ()] == [(2, 3)]


def test_a_bad_text_is_refused() -> None:
    """For its syntax, or for its tokens."""
    for text in ("{", "{ a b c d e f g h i j }"):
        with pytest.raises(GraphQLError):
            read(text, most_tokens=10)
