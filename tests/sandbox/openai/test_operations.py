"""Operations: their lists' order, and the refusal of an unknown id."""

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError


async def test_files_are_listed_in_either_order(client: AsyncOpenAI) -> None:
    """A list is newest first if not asked otherwise, filtered by purpose, and comes in pages."""
    made = [(await client.files.create(file=(f"{n}", b"x"), purpose="fine-tune")).id for n in range(3)]
    await client.files.create(file=("b", b"x"), purpose="batch")
    listed = [file.id async for file in client.files.list(purpose="fine-tune", limit=2)]
    assert listed == made[::-1]
    assert [file.id for file in (await client.files.list(order="asc", limit=1)).data] == made[:1]
    with pytest.raises(BadRequestError):
        await client.files.list(extra_query={"order": "up"})


@pytest.mark.parametrize("operation", ["retrieve", "cancel", "pause", "resume", "list_events"])
async def test_an_unknown_job_is_not_found(client: AsyncOpenAI, operation: str) -> None:
    """Every operation on an unknown job is a 404 with a code."""
    with pytest.raises(NotFoundError) as refusal:
        await getattr(client.fine_tuning.jobs, operation)("ftjob-nobody")
    assert refusal.value.code == "fine_tune_not_found"
