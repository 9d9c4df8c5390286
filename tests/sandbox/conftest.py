"""A sandbox on the test's clock, behind the SDK."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types import FileObject
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Account, ManualClock, Sandbox, SandboxServer
from tests.sandbox.openai.published import validate_answer

JobMaker = Callable[..., Awaitable[FineTuningJob]]


def chat_jsonl(examples: int) -> bytes:
    """Return a training file of ``examples`` chats."""
    turns = [{"role": "user", "content": "How many users?"}, {"role": "assistant", "content": "SELECT 1"}]
    return b"".join(json.dumps({"messages": turns}).encode() + b"\n" for _ in range(examples))


async def status_of(job: FineTuningJob, client: AsyncOpenAI) -> str:
    """Return the job's status as it is now."""
    return (await client.fine_tuning.jobs.retrieve(job.id)).status


@pytest.fixture
def clock() -> ManualClock:
    """A still clock."""
    return ManualClock()


@pytest.fixture
def sandbox(clock: ManualClock) -> Sandbox:
    """A sandbox with an empty account."""
    return Sandbox(account=Account(clock=clock))


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[SandboxServer]:
    """The sandbox on a loopback port."""
    async with SandboxServer(sandbox) as server:
        yield server


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    """The SDK, with every good answer held to OpenAI's published shapes."""
    http_client = DefaultAsyncHttpxClient(event_hooks={"response": [_hold_to_description]})
    async with AsyncOpenAI(
        api_key="sk-any", base_url=server.base_url, max_retries=0, http_client=http_client
    ) as client:
        yield client


@pytest.fixture
async def unchecked(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    """The SDK, for wrong answers."""
    async with AsyncOpenAI(api_key="sk-any", base_url=server.base_url, max_retries=0) as client:
        yield client


@pytest.fixture
async def training_file(client: AsyncOpenAI) -> FileObject:
    """An uploaded file of twelve chats."""
    return await client.files.create(file=("train.jsonl", chat_jsonl(12)), purpose="fine-tune")


@pytest.fixture
def create_job(client: AsyncOpenAI, training_file: FileObject) -> JobMaker:
    """Create a job from the training file, with anything else as the test says."""

    async def create(**given: object) -> FineTuningJob:
        body = {"model": "gpt-4o-mini-2024-07-18", "training_file": training_file.id, **given}
        return await client.post("/fine_tuning/jobs", body=body, cast_to=FineTuningJob)

    return create


@pytest.fixture
async def job(create_job: JobMaker) -> FineTuningJob:
    """A new job."""
    return await create_job(metadata={"finetuning_id": "f1"})


async def _hold_to_description(response: httpx2.Response) -> None:
    if response.status_code == 200 and response.headers["content-type"] == "application/json":
        await response.aread()
        validate_answer(response.request.method, response.request.url.path, response.json())
