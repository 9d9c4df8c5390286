"""Reading a list to its end: its pages, its nulls, and the end of an endless one."""

import json
from itertools import count
from typing import Any

import pytest

from graphql_api.providers.openai.pages import walk
from graphql_api.providers.port import (
    OutcomeUnknownError,
    ProviderFault,
)
from tests.providers.openai.wire import job, page, provider_at
from tests.providers.raw_server import RawServer, answer, compute

UNUSABLE_PAGES: dict[str, object] = {
    "an empty object": {},
    "a list": [],
    "null for data, and no list": {"data": None},
    "null for data, and an error": page([]) | {"data": None, "error": {"code": 1}},
    "an object for data": page([]) | {"data": {}},
    "a text among the jobs": page([job(), "ftjob-2"]),
    "a job without an id": page([{**job(), "id": None}]),
    "more, but nothing here": page([], has_more=True),
    "the same page for ever": page([job()], has_more=True),
    "a job of ours without a status": page([job(status=None)]),
}


@pytest.mark.parametrize("body", UNUSABLE_PAGES.values(), ids=UNUSABLE_PAGES)
async def test_a_list_that_cannot_be_walked_proves_nothing(body: object) -> None:
    """Half a list is an unknown outcome, not an absence."""
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.find_jobs(finetuning_id="f1")


async def test_a_list_without_paging_is_taken_as_whole() -> None:
    """A server that gives the same page for every cursor, and never says "more", has given all."""
    jobs = compute(lambda _: page([job()], has_more=None))
    async with RawServer(jobs).running() as server, provider_at(server.url) as provider:
        found = await provider.find_jobs(finetuning_id="f1")
    assert ([one.id for one in found], len(server.requests)) == (["ftjob-1"], 2)


async def test_an_endless_list_ends_with_the_time_limit() -> None:
    """All pages of a search together have the time of one call."""
    numbers = count()
    endless = compute(lambda _: page([job(f"ftjob-{next(numbers)}")], has_more=True))
    async with (
        RawServer(endless).running() as server,
        provider_at(server.url, call_timeout_s=0.4) as provider,
    ):
        # It may be over while a page is awaited, or while the connection for the next one is made.
        in_time = r"^The provider (did not answer within 0\.4 s|could not be reached in time)$"
        with pytest.raises(ProviderFault, match=in_time):
            await provider.find_jobs(finetuning_id="f1")


async def test_a_list_has_a_thousand_pages_at_most() -> None:
    """Even a list that is always new is given up at some time."""
    pages = (json.dumps(page([job(f"ftjob-{number}")], has_more=True)).encode() for number in count())

    async def next_page(_: str | None) -> bytes:
        return next(pages)

    walked = []

    async def walk_on() -> None:
        async for item in walk(next_page):
            walked.append(item["id"])  # noqa: PERF401 - a comprehension would lose what came before the fault

    with pytest.raises(OutcomeUnknownError):
        await walk_on()
    assert len(walked) == 1000


NULLS = {
    "a null in the place of the items": {"object": "list", "data": None, "has_more": False},
    "a null among the items": page([None]),
}


@pytest.mark.parametrize("body", NULLS.values(), ids=NULLS)
async def test_nulls_in_a_list_are_no_items(body: dict[str, Any]) -> None:
    """Some servers write an empty list so; it is read, as every other list is."""
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url) as provider:
        assert await provider.find_jobs(finetuning_id="f1", training_file_ids=["file-1"]) == []


async def test_a_null_hides_no_job_beside_it() -> None:
    """The others of its page are found."""
    listed = page([job("ftjob-2"), None, job("ftjob-1"), None])
    async with RawServer(answer(200, listed)).running() as server, provider_at(server.url) as provider:
        jobs = await provider.find_jobs(finetuning_id="f1")
    assert [found.id for found in jobs] == ["ftjob-1", "ftjob-2"]
