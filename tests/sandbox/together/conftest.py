"""A sandbox on the test's clock, behind the SDK."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from together import AsyncTogether
from together.types import FileResponse
from together.types.fine_tuning_cancel_response import FineTuningCancelResponse

from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.together import Account, Sandbox, SandboxServer

MODEL = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"

JobMaker = Callable[..., Awaitable[FineTuningCancelResponse]]


def unknown_fields(answer: BaseModel) -> set[str]:
    """Return the fields of an answer that the SDK's type does not have, at any depth."""
    return {*(answer.model_extra or {}), *_inside(dict(answer).values())}


def _inside(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, BaseModel):
            yield from unknown_fields(value)
        elif isinstance(value, list):
            yield from _inside(value)


@pytest.fixture
def clock() -> ManualClock:
    """A still clock."""
    return ManualClock()


@pytest.fixture
def sandbox(clock: ManualClock) -> Sandbox:
    """A sandbox with an empty account."""
    return Sandbox(account=Account(clock=clock))


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncTogether]:
    """The SDK, which holds every answer to its type."""
    async with (
        SandboxServer(sandbox) as server,
        AsyncTogether(
            api_key="tg-any", base_url=server.root_url, max_retries=0, _strict_response_validation=True
        ) as client,
    ):
        yield client


@pytest.fixture
async def training_file(client: AsyncTogether) -> FileResponse:
    """An uploaded file."""
    return await client.post(
        "/v1/files/upload",
        files={"file": ("train.jsonl", b"{}\n")},
        body={"purpose": "fine-tune", "file_name": "train.jsonl", "file_type": "jsonl"},
        options={"headers": {"Content-Type": "multipart/form-data"}},
        cast_to=FileResponse,
    )


@pytest.fixture
def create_job(client: AsyncTogether, training_file: FileResponse) -> JobMaker:
    """Create a job from the training file, with anything else as the test says."""

    async def create(**given: object) -> FineTuningCancelResponse:
        body = {"model": MODEL, "training_file": training_file.id, **given}
        return await client.post("/v1/fine-tunes", body=body, cast_to=FineTuningCancelResponse)

    return create


@pytest.fixture
async def job(create_job: JobMaker) -> FineTuningCancelResponse:
    """A new job."""
    return await create_job(suffix="orders")
