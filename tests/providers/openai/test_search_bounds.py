"""The bounds of a search.

The whole list of an account is never read for a recent job.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.providers.openai.wire import job, page, provider_at
from tests.providers.raw_server import RawServer, Request, Script, compute

OURS = {"finetuning_deployment": "d1"}


def dated(number: int, **told: Any) -> dict[str, Any]:
    """Return a job that was made so many seconds after the epoch."""
    return job(f"ftjob-{number}", created_at=number, **{"metadata": None, "training_file": "file-9"} | told)


def listing(jobs: list[dict[str, Any]], *, filters: bool = True) -> Script:
    """Serve a list in pages of two, with or without its filter by our deployment or finetuning."""

    def listed(request: Request) -> object:
        is_filtered = filters and any(name.startswith("metadata[") for name in request.query)
        known = [one for one in jobs if not is_filtered or one["metadata"]]
        ids = [one["id"] for one in known]
        [after] = request.query.get("after", [""])
        start = ids.index(after) + 1 if after in ids else 0
        return page(known[start : start + 2], has_more=start + 2 < len(known))

    return compute(listed)


def at(seconds: int) -> datetime:
    """Return the moment so many seconds after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("filters", [True, False])
async def test_a_search_by_file_ends_at_the_create_call(*, filters: bool) -> None:
    """Older jobs cannot be of it; a filter that is passed over does not make it longer."""
    jobs = [dated(number) for number in range(900, 0, -100)]
    jobs[2] = dated(700, training_file="file-1")
    async with (
        RawServer(listing(jobs, filters=filters)).running() as server,
        provider_at(server.url) as provider,
    ):
        found = await provider.find_jobs(finetuning_id="f1", training_file_ids=["file-1"], made_after=at(650))
    assert [one.id for one in found] == ["ftjob-700"]
    filtered = [request for request in server.requests if "metadata[finetuning_id]" in request.query]
    assert (len(filtered), len(server.requests)) == ((1, 3) if filters else (2, 2))


async def test_a_list_that_is_not_in_order_is_read_to_its_end() -> None:
    """Oldest first, the job may be on its last page."""
    jobs = [dated(number) for number in range(100, 900, 100)]
    jobs[-1] = dated(800, training_file="file-1")
    async with RawServer(listing(jobs)).running() as server, provider_at(server.url) as provider:
        found = await provider.find_jobs(finetuning_id="f1", training_file_ids=["file-1"], made_after=at(750))
    assert ([one.id for one in found], len(server.requests)) == (["ftjob-800"], 5)


async def test_the_list_of_a_sweep_reaches_back_for_unmarked_jobs_and_further_for_marked_ones() -> None:
    """All recent ones, counted from the newest job, and then the ones with our mark, of any age."""
    jobs = [dated(number) for number in range(900, 0, -100)]
    jobs[0], jobs[-1] = dated(900, metadata=OURS), dated(100, metadata=OURS)
    async with RawServer(listing(jobs)).running() as server, provider_at(server.url) as provider:
        reach = timedelta(seconds=250)
        listed = [one.id async for one in provider.list_jobs(deployment_id="d1", reach=reach)]
    assert listed == ["ftjob-900", "ftjob-800", "ftjob-700", "ftjob-100"]
    assert len(server.requests) == 3


async def test_the_list_of_a_sweep_is_read_once_where_it_is_short() -> None:
    """A list read to its end needs no filter."""
    jobs = [dated(200, metadata=OURS), dated(100)]
    async with RawServer(listing(jobs)).running() as server, provider_at(server.url) as provider:
        listed = [one.id async for one in provider.list_jobs(deployment_id="d1", reach=timedelta(days=7))]
    assert (listed, len(server.requests)) == (["ftjob-200", "ftjob-100"], 1)
