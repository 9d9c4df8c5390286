"""Jobs and files in lists of several pages.

The servers know fewer words than OpenAI's.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from graphql_api.providers.port import (
    CredentialsError,
    OutcomeUnknownError,
    RejectedError,
    UnknownJobError,
)
from tests.providers.openai.wire import error, file, job, page, provider_at
from tests.providers.raw_server import RawServer, Request, Script, answer, compute, drip

STRANGER = {"finetuning_id": "f2"}


def _listing(
    jobs: Sequence[dict[str, Any]], *, filters: bool = True, size: int = 2, says_more: bool = True
) -> Script:
    """Serve a list as OpenAI does, or without the filter, or without ``has_more``."""

    def listed(request: Request) -> object:
        wanted = request.query.get("metadata[finetuning_id]", []) if filters else []
        known = [item for item in jobs if not wanted or [item["metadata"]["finetuning_id"]] == wanted]
        ids = [item["id"] for item in known]
        [after] = request.query.get("after", [""])
        start = ids.index(after) + 1 if after in ids else 0
        more = start + size < len(known)
        return page(known[start : start + size], has_more=more if says_more else None)

    return compute(listed)


NEWEST_FIRST = [
    job("ftjob-5", created_at=50, metadata=STRANGER),
    job("ftjob-4", created_at=40),
    job("ftjob-3", created_at=30, metadata=STRANGER),
    job("ftjob-2", created_at=20),
    job("ftjob-1", created_at=20),
]


@pytest.mark.parametrize("says_more", [True, False])
@pytest.mark.parametrize("filters", [True, False])
async def test_all_jobs_of_ours_are_found_oldest_first(*, filters: bool, says_more: bool) -> None:
    """Neither a server that ignores the filter nor one without ``has_more`` hides or adds a job."""
    server_side = _listing(NEWEST_FIRST, filters=filters, says_more=says_more)
    async with RawServer(server_side).running() as server, provider_at(server.url) as provider:
        jobs = await provider.find_jobs(finetuning_id="f1")
    assert [found.id for found in jobs] == ["ftjob-1", "ftjob-2", "ftjob-4"]
    assert server.requests[0].query == {"limit": ["100"], "metadata[finetuning_id]": ["f1"]}


@pytest.mark.parametrize("metadata", [None, {}, [], "f1", {"finetuning_id": ["f1"]}, {"other": "f1"}])
async def test_a_job_without_our_mark_is_a_strangers(metadata: object) -> None:
    """A server that ignores the filter cannot make us adopt a job."""
    jobs = compute(lambda _: page([job(metadata=metadata)]))
    async with RawServer(jobs).running() as server, provider_at(server.url) as provider:
        assert await provider.find_jobs(finetuning_id="f1") == []


async def test_an_unmarked_job_on_our_file_is_ours_where_the_file_is_known() -> None:
    """If the endpoint drops metadata, the training file tells; another's mark still wins over it."""
    kept = [
        job("ftjob-3", metadata=None, training_file="file-7"),
        job("ftjob-2", metadata=STRANGER, training_file="file-7"),
        job("ftjob-1", metadata=None, training_file="file-8"),
    ]

    def listed(request: Request) -> object:
        return page([] if "metadata[finetuning_id]" in request.query else kept)

    async with RawServer(compute(listed)).running() as server, provider_at(server.url) as provider:
        assert await provider.find_jobs(finetuning_id="f1") == []
        jobs = await provider.find_jobs(finetuning_id="f1", training_file_ids=["file-7"])
    assert [found.id for found in jobs] == ["ftjob-3"]


async def test_a_refused_filter_is_left_out() -> None:
    """An endpoint that does not know the filter is asked for its whole list."""

    async def script(request: Request, writer: Any) -> None:
        refused = "metadata[finetuning_id]" in request.query
        reply = answer(400, error("Unknown parameter")) if refused else _listing(NEWEST_FIRST)
        await reply(request, writer)

    async with RawServer(script).running() as server, provider_at(server.url) as provider:
        jobs = await provider.find_jobs(finetuning_id="f1")
    assert [found.id for found in jobs] == ["ftjob-1", "ftjob-2", "ftjob-4"]


@pytest.mark.parametrize(
    ("status", "fault", "requests"),
    [
        (400, RejectedError, 2),
        (401, CredentialsError, 1),
        (404, UnknownJobError, 1),
        (500, OutcomeUnknownError, 1),
    ],
)
async def test_a_failing_search_finds_no_empty_list(
    status: int, fault: type[Exception], requests: int
) -> None:
    """Only a whole search says that nothing was found."""
    async with RawServer(answer(status)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(fault) as caught:
            await provider.find_jobs(finetuning_id="f1")
    assert (type(caught.value), len(server.requests)) == (fault, requests)


async def test_all_jobs_are_listed_newest_first_without_the_unreadable() -> None:
    """One broken job hides no other."""
    jobs = [job("ftjob-3"), job("ftjob-2", status=None), job("ftjob-1", status="paused")]
    async with RawServer(_listing(jobs)).running() as server, provider_at(server.url) as provider:
        listed = [(found.id, found.word) async for found in provider.list_jobs()]
    assert listed == [("ftjob-3", "queued"), ("ftjob-1", "paused")]
    assert [request.query for request in server.requests] == [
        {"limit": ["100"]},
        {"limit": ["100"], "after": ["ftjob-2"]},
    ]


async def test_each_page_of_the_whole_list_has_a_time_limit() -> None:
    """A dripping page ends."""
    async with RawServer(drip).running() as server, provider_at(server.url, call_timeout_s=0.3) as provider:
        with pytest.raises(OutcomeUnknownError):
            await anext(aiter(provider.list_jobs()))


async def test_training_files_are_found_by_the_start_of_their_name() -> None:
    """Only fine-tuning files with this start of their name, newest first, in any order of arrival."""
    files = [
        file("file-1", filename="f1-a.jsonl", created_at=10),
        file("file-2", filename="f1-b.jsonl", created_at=20),
        file("file-3", filename="f2-f1-.jsonl"),
        file("file-4", filename="f1-c.jsonl", purpose="batch"),
        file("file-5", filename=None),
    ]
    async with RawServer(answer(200, page(files))).running() as server, provider_at(server.url) as provider:
        found = await provider.find_training_files(prefix="f1-")
    assert found == ["file-2", "file-1"]
    assert server.requests[0].query == {"limit": ["1000"], "order": ["desc"], "purpose": ["fine-tune"]}
