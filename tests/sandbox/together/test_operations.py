"""The operations and their accents, as the SDK meets them."""

import pytest
from together import AsyncTogether, NotFoundError
from together.types.fine_tuning_cancel_response import FineTuningCancelResponse

from graphql_api.sandbox.faults import Fault, FaultKind, Outcome
from graphql_api.sandbox.together import Sandbox
from tests.sandbox.together.conftest import JobMaker


@pytest.mark.parametrize("operation", ["retrieve", "cancel", "list_events", "list_checkpoints"])
async def test_an_unknown_job_is_not_found(client: AsyncTogether, operation: str) -> None:
    """By every operation."""
    with pytest.raises(NotFoundError):
        await getattr(client.fine_tuning, operation)("ft-nobody")


async def test_the_list_has_all_jobs_in_either_order(
    create_job: JobMaker, client: AsyncTogether, sandbox: Sandbox
) -> None:
    """Newest first, if not told otherwise, and without pages."""
    made = [(await create_job()).id for _ in range(120)]
    assert [one.id for one in (await client.fine_tuning.list()).data] == made[::-1]
    sandbox.faults.add(Fault(kind=FaultKind.OLDEST_FIRST))
    assert [one.id for one in (await client.fine_tuning.list()).data] == made


async def test_a_create_can_lose_the_suffix_or_be_repeated(
    create_job: JobMaker, client: AsyncTogether, sandbox: Sandbox
) -> None:
    """As behind a gateway."""
    sandbox.faults.add(Fault(kind=FaultKind.SUFFIX_DROPPED, operation="jobs.create"))
    assert (await create_job(suffix="orders")).suffix == ""
    sandbox.faults.add(Fault(kind=FaultKind.CREATE_REPEATED, operation="jobs.create"))
    await create_job()
    assert len((await client.fine_tuning.list()).data) == 3


async def test_the_log_is_told_oldest_first(
    job: FineTuningCancelResponse, client: AsyncTogether, sandbox: Sandbox
) -> None:
    """With the type of each line, and the error at its end."""
    sandbox.account.finish_job(job.id, outcome=Outcome.FAILED)
    lines = (await client.fine_tuning.list_events(job.id)).data
    assert [(line.type, line.level) for line in lines] == [("job_pending", "info"), ("job_error", "error")]


async def test_a_file_can_come_to_nothing(client: AsyncTogether, sandbox: Sandbox) -> None:
    """Its report says why."""
    sandbox.faults.add(Fault(kind=FaultKind.FILE_UNUSABLE, operation="files.create"))
    uploaded = await client.post(
        "/v1/files/upload",
        files={"file": ("t.jsonl", b"")},
        body={"purpose": "fine-tune"},
        options={"headers": {"Content-Type": "multipart/form-data"}},
        cast_to=object,
    )
    assert isinstance(uploaded, dict)
    told = await client.files.retrieve(uploaded["id"])
    assert told.processing_status == "INVALID_FORMAT"
    assert told.validation_report is not None
    assert told.validation_report.error == "The file could not be read."
