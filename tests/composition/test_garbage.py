"""Garbage collection.

Refused requests are not hoarded, and full collections are made while nothing waits.
"""

import asyncio
import gc
import time
import weakref
from collections.abc import Iterator

import pytest
from graphql import parse

from graphql_api.composition.garbage import COLLECTIONS, DUE, collect_when_idle, settle

DOCUMENTS = 60
MOST_OBJECTS = 150_000
"""Some twenty megabytes; one document is about thirty thousand objects, which refer to each other."""


@pytest.fixture
def settled() -> Iterator[int]:
    """Yield how many objects there are, and collect garbage from then on as the server does."""
    before = gc.get_threshold()
    gc.collect()
    settle()
    yield len(gc.get_objects())
    gc.set_threshold(*before)
    gc.unfreeze()


class Circle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def gone() -> Iterator[asyncio.Event]:
    """Yield what is set when old garbage is gone; a full collection is due, and only ours will come."""
    gc.disable()
    circle, gone = Circle(), asyncio.Event()
    reference = weakref.ref(circle, lambda _: gone.set())
    for _ in range(1 + DUE):
        gc.collect(1)  # from the first one on it is old
    del circle
    yield gone
    gc.enable()
    del reference


def test_documents_that_are_gone_do_not_pile_up(settled: int) -> None:
    """Only a few of sixty documents with references among their parts are there at one time."""
    document = f"query A {{ __typename }} fragment F on Finetuning {{ {'id ' * 4900} }}"
    most = 0
    for _ in range(DOCUMENTS):
        parse(document)
        most = max(most, len(gc.get_objects()) - settled)
    assert most < MOST_OBJECTS


def test_what_is_loaded_is_kept_out(settled: int) -> None:
    """The thresholds are ours, and a full collection has little to look through."""
    assert gc.get_threshold() == COLLECTIONS
    assert settled < 1_000


async def test_an_idle_event_loop_collects(gone: asyncio.Event) -> None:
    """Garbage is gone as soon as the loop has nothing else to do."""
    collecting = asyncio.create_task(collect_when_idle(every_s=0.001))
    async with asyncio.timeout(10):
        await gone.wait()
    collecting.cancel()


async def test_a_busy_event_loop_does_not_collect(gone: asyncio.Event) -> None:
    """Nobody waits for a full collection behind others' work."""
    collecting = asyncio.create_task(collect_when_idle(every_s=0.001))
    for _ in range(20):
        await asyncio.sleep(0)
        time.sleep(0.005)  # noqa: ASYNC251  it stands for work
    assert not gone.is_set()
    collecting.cancel()
