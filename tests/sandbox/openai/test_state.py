"""The account's life beyond the process."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from openai import AsyncOpenAI, BadRequestError

from graphql_api.sandbox.openai import (
    Account,
    Fault,
    FaultKind,
    JobStatus,
    ManualClock,
    Sandbox,
    SandboxServer,
)
from graphql_api.sandbox.openai.account import Holdings
from graphql_api.sandbox.openai.state import StateFile
from tests.sandbox.conftest import chat_jsonl


async def make_jobs(sandbox: Sandbox) -> list[str]:
    """Upload a file and create two jobs, the second of them cancelled."""
    async with (
        SandboxServer(sandbox) as server,
        AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client,
    ):
        file = await client.files.create(file=("t.jsonl", chat_jsonl(10)), purpose="fine-tune")
        made = [await client.fine_tuning.jobs.create(model="gpt-4", training_file=file.id) for _ in range(2)]
        await client.fine_tuning.jobs.cancel(made[1].id)
    return [job.id for job in made]


async def test_an_account_survives_a_restart(tmp_path: Path) -> None:
    """Files and jobs are there after a restart, and live jobs go on in time."""
    path, clock = tmp_path / "deep" / "state.json", ManualClock()
    first = Sandbox(account=Account(clock=clock), state_file=path)
    running, cancelled = await make_jobs(first)
    clock.advance(10)
    second = Sandbox(account=Account(clock=clock), state_file=path)
    assert second.account.job(running).status is JobStatus.RUNNING
    assert second.account.job(cancelled).status is JobStatus.CANCELLED
    assert [file.content for file in second.account.files()] == [chat_jsonl(10)]
    clock.advance(60)
    assert second.account.job(running) == first.account.job(running)
    assert second.account.job(running).status is JobStatus.SUCCEEDED
    assert [child.name for child in path.parent.iterdir()] == ["state.json"]


async def test_an_applied_call_is_saved_before_it_is_answered(tmp_path: Path) -> None:
    """A cancel with a lost answer is in the file all the same."""
    path = tmp_path / "state.json"
    sandbox = Sandbox(account=Account(clock=ManualClock()), state_file=path)
    sandbox.faults.add(Fault(kind=FaultKind.RESET, operation="jobs.cancel", applied=True))
    with pytest.raises(Exception, match="Connection error"):
        await make_jobs(sandbox)
    again = Sandbox(account=Account(clock=ManualClock()), state_file=path)
    assert [job.status for job in again.account.jobs()] == [JobStatus.CANCELLED, JobStatus.QUEUED]


@pytest.mark.parametrize("operation", ["jobs.retrieve", "jobs.cancel"])
async def test_an_end_is_saved_before_it_is_shown(tmp_path: Path, operation: str) -> None:
    """A job that a fault brought to its end is in the file, although the call itself changed nothing."""
    path = tmp_path / "state.json"
    sandbox = Sandbox(account=Account(clock=ManualClock()), state_file=path)
    (running, _) = await make_jobs(sandbox)
    sandbox.faults.add(Fault(kind=FaultKind.FINISH_FIRST, operation=operation))
    async with (
        SandboxServer(sandbox) as server,
        AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client,
    ):
        with suppress(BadRequestError):
            await getattr(client.fine_tuning.jobs, operation.removeprefix("jobs."))(running)
    again = Sandbox(account=Account(clock=ManualClock()), state_file=path)
    assert again.account.job(running).status is JobStatus.SUCCEEDED


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    """A state file of another kind stops the start and stays as it is."""
    path = tmp_path / "state.json"
    path.write_text("my diary")
    with pytest.raises(ValueError, match="does not hold the state of an OpenAI sandbox"):
        Sandbox(state_file=path)
    assert path.read_text() == "my diary"


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It has the training files."""
    before = os.umask(0)
    try:
        StateFile(tmp_path / "state.json").save(Holdings())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600
