"""The provider and the sandbox understand each other.

They were written apart from each other.
"""

import json
from dataclasses import replace

import pytest

from graphql_api.providers.port import OutcomeUnknownError
from graphql_api.sandbox.openai import Account, Fault, FaultKind, ManualClock, Sandbox, SandboxServer
from tests.providers.openai.wire import SPEC, provider_at

_EXAMPLE = {
    "messages": [{"role": "user", "content": "How many?"}, {"role": "assistant", "content": "SELECT 1"}]
}
TRAINING_FILE = b"".join(json.dumps(_EXAMPLE).encode() + b"\n" for _ in range(10))


async def test_a_job_goes_from_its_file_to_its_cancel() -> None:
    """Every method of the port, in the order of a job's life."""
    async with (
        SandboxServer(Sandbox(account=Account(clock=ManualClock()))) as server,
        provider_at(server.base_url) as provider,
    ):
        uploaded = await provider.upload_training_file(TRAINING_FILE, filename="f1-records.jsonl")
        file_id = uploaded.id
        assert await provider.find_training_files(prefix="f1-") == [file_id]
        created = await provider.create_job(replace(SPEC, training_file_id=file_id))
        assert (created.status, created.training_file_id) == ("queued", file_id)
        assert [found.id for found in await provider.find_jobs(finetuning_id="f1")] == [created.id]
        assert await provider.find_jobs(finetuning_id="f2") == []
        assert await provider.retrieve_job(created.id) == created
        assert [listed.id async for listed in provider.list_jobs()] == [created.id]
        assert (await provider.cancel_job(created.id)).status == "cancelled"
        page = await provider.list_job_events(created.id, after=None)
        assert [event.message for event in page.events] == [
            "The job has been cancelled",
            f"Created fine-tuning job: {created.id}",
        ]
        await provider.delete_training_file(file_id)
        await provider.delete_training_file(file_id)
        assert await provider.find_training_files(prefix="f1-") == []


async def test_a_job_whose_reply_was_lost_is_found_by_our_mark() -> None:
    """The create call's outcome is unknown; the search tells it, and there is one job only."""
    sandbox = Sandbox(account=Account(clock=ManualClock()))
    async with SandboxServer(sandbox) as server, provider_at(server.base_url) as provider:
        uploaded = await provider.upload_training_file(TRAINING_FILE, filename="f1-records.jsonl")
        file_id = uploaded.id
        sandbox.faults.add(Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True))
        with pytest.raises(OutcomeUnknownError):
            await provider.create_job(replace(SPEC, training_file_id=file_id))
        [lost] = await provider.find_jobs(finetuning_id="f1")
    assert (lost.status, lost.metadata) == ("queued", {"finetuning_id": "f1", "finetuning_deployment": "d"})
