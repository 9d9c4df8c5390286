"""Pages of lists, as the SDK asks for them."""

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from graphql_api.sandbox.openai import ManualClock
from tests.sandbox.conftest import JobMaker


async def test_jobs_are_listed_newest_first_and_in_pages(
    create_job: JobMaker, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A list goes from the newest job back, page after page, each job once."""
    made = []
    for _ in range(5):
        clock.advance(1)
        made.append((await create_job()).id)
    page = await client.fine_tuning.jobs.list(limit=2)
    assert [job.id for job in page.data] == made[:2:-1]
    assert page.has_more is True
    assert [job.id async for job in client.fine_tuning.jobs.list(limit=2)] == made[::-1]


async def test_jobs_are_found_by_metadata(create_job: JobMaker, client: AsyncOpenAI) -> None:
    """A metadata filter finds the jobs that carry all of its pairs."""
    wanted = await create_job(metadata={"finetuning_id": "f1", "team": "a b&c"})
    await create_job(metadata={"finetuning_id": "f2"})
    bare = await create_job()
    found = await client.fine_tuning.jobs.list(metadata={"finetuning_id": "f1", "team": "a b&c"})
    assert [job.id for job in found.data] == [wanted.id]
    without = await client.fine_tuning.jobs.list(extra_query={"metadata": "null"})
    assert [job.id for job in without.data] == [bare.id]
    none = await client.fine_tuning.jobs.list(metadata={"finetuning_id": "f1", "team": "z"})
    assert none.data == []


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_limit_has_a_range(client: AsyncOpenAI, limit: int) -> None:
    """A page has 1 to 100 jobs."""
    with pytest.raises(BadRequestError) as refusal:
        await client.fine_tuning.jobs.list(limit=limit)
    assert refusal.value.param == "limit"


async def test_an_unknown_cursor_is_refused(client: AsyncOpenAI) -> None:
    """A page after a job that does not exist is a 404."""
    with pytest.raises(NotFoundError):
        await client.fine_tuning.jobs.list(after="ftjob-nobody")
