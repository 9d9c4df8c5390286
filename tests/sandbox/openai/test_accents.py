"""The accents of an endpoint, alone and together.

The answers are the same, spoken in another way.
"""

from datetime import datetime

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.faults import ACCENTS
from graphql_api.sandbox.openai import Fault, FaultKind, ManualClock, Sandbox
from graphql_api.sandbox.openai.training import Durations
from tests.sandbox.conftest import JobMaker

EVENTS = "jobs.events"


def speak(sandbox: Sandbox, *accents: FaultKind, operation: str = EVENTS) -> None:
    """Let the sandbox have these accents from now on."""
    for accent in accents:
        sandbox.faults.add(Fault(kind=accent, operation=operation, times=None))


async def test_a_list_can_come_oldest_first(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, clock: ManualClock, create_job: JobMaker
) -> None:
    """Pages follow each other in that order, of a log and of every other list."""
    clock.advance(100)
    newest_first = [line.id async for line in unchecked.fine_tuning.jobs.list_events(job.id, limit=7)]
    speak(sandbox, FaultKind.OLDEST_FIRST, operation="*")
    oldest_first = [line.id async for line in unchecked.fine_tuning.jobs.list_events(job.id, limit=7)]
    assert oldest_first == newest_first[::-1]
    second = await create_job()
    jobs = await unchecked.fine_tuning.jobs.list()
    assert [one.id for one in jobs.data] == [job.id, second.id]


async def test_a_list_can_refuse_to_go_on(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, clock: ManualClock
) -> None:
    """Its first page is answered, says that there is more, and the rest is out of reach."""
    clock.advance(100)
    speak(sandbox, FaultKind.AFTER_REFUSED)
    page = await unchecked.fine_tuning.jobs.list_events(job.id, limit=7)
    assert (len(page.data), page.has_more) == (7, True)
    with pytest.raises(BadRequestError) as refusal:
        await page.get_next_page()
    assert (refusal.value.param, refusal.value.code) == ("after", "unknown_parameter")


async def test_a_logs_ids_can_differ_from_call_to_call(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI
) -> None:
    """Nothing else does, and no list goes on from an id of an earlier answer."""
    honest = (await unchecked.fine_tuning.jobs.list_events(job.id)).data
    speak(sandbox, FaultKind.NEW_EVENT_IDS)
    first, second = [(await unchecked.fine_tuning.jobs.list_events(job.id)).data for _ in range(2)]
    assert len({line.id for line in (*honest, *first, *second)}) == 3 * len(honest)
    assert [line.model_dump(exclude={"id"}) for line in first] == [
        line.model_dump(exclude={"id"}) for line in honest
    ]
    with pytest.raises(NotFoundError):
        await unchecked.fine_tuning.jobs.list_events(job.id, after=first[0].id)


async def test_a_logs_lines_can_have_no_ids_and_more_accents(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, clock: ManualClock
) -> None:
    """Accents are heard together, for as many calls as was said, and together with another fault."""
    clock.advance(1)
    sandbox.faults.add(Fault(kind=FaultKind.NO_EVENT_IDS, operation=EVENTS, times=2))
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, operation=EVENTS, status=404))
    speak(sandbox, FaultKind.OLDEST_FIRST)
    with pytest.raises(NotFoundError):
        await unchecked.fine_tuning.jobs.list_events(job.id)
    page = await unchecked.fine_tuning.jobs.list_events(job.id)
    assert [line.message.split(":")[0] for line in page.data] == [
        "Created fine-tuning job",
        "Validating training file",
    ]
    assert not any("id" in line.to_dict() for line in page.data)
    assert (await unchecked.fine_tuning.jobs.list_events(job.id)).data[0].id == f"ftevent-{job.id}-0"
    heard = [(call.accents, call.fault) for call in sandbox.calls.find(EVENTS)]
    both = ["no_event_ids", "oldest_first"]
    assert heard == [(both, "status"), (both, None), (["oldest_first"], None)]


async def test_a_create_can_drop_what_it_is_sent(sandbox: Sandbox, create_job: JobMaker) -> None:
    """The job has neither our metadata, nor do filters find it by that, nor our hyperparameters."""
    speak(sandbox, FaultKind.METADATA_DROPPED, FaultKind.METHOD_DROPPED, operation="jobs.create")
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 7}}}
    made = await create_job(metadata={"ours": "1"}, method=method)
    assert (made.metadata, made.hyperparameters.n_epochs) == (None, "auto")


async def test_a_create_can_make_two_jobs(
    sandbox: Sandbox, client: AsyncOpenAI, create_job: JobMaker
) -> None:
    """They are alike but for their ids, and only the second is told of."""
    speak(sandbox, FaultKind.CREATE_REPEATED, operation="jobs.create")
    told = await create_job(metadata={"ours": "1"})
    second, first = (await client.fine_tuning.jobs.list()).data
    assert (second.id, first.id != told.id) == (told.id, True)
    assert (first.training_file, first.metadata) == (told.training_file, told.metadata)


async def test_a_list_can_pass_its_filter_over(
    sandbox: Sandbox, client: AsyncOpenAI, create_job: JobMaker
) -> None:
    """It shows every job, for any metadata asked for."""
    made = await create_job(metadata={"ours": "1"})
    assert (await client.fine_tuning.jobs.list(metadata={"ours": "2"})).data == []
    speak(sandbox, FaultKind.FILTER_IGNORED, operation="jobs.list")
    assert [job.id for job in (await client.fine_tuning.jobs.list(metadata={"ours": "2"})).data] == [made.id]


async def test_a_list_can_have_ids_of_its_own(
    sandbox: Sandbox, client: AsyncOpenAI, create_job: JobMaker
) -> None:
    """Pages go on from them, and every other call takes them and answers with them."""
    first, second = await create_job(), await create_job()
    speak(sandbox, FaultKind.OTHER_LISTED_IDS, operation="jobs.list")
    shown = [job.id async for job in client.fine_tuning.jobs.list(limit=1)]
    assert shown == [f"listed-{second.id}", f"listed-{first.id}"]
    cancelled = await client.fine_tuning.jobs.cancel(shown[1])
    assert (cancelled.id, cancelled.status) == (shown[1], "cancelled")
    assert (await client.fine_tuning.jobs.retrieve(shown[1])).status == "cancelled"
    assert (await client.fine_tuning.jobs.retrieve(first.id)).status == "cancelled"
    assert (await client.fine_tuning.jobs.retrieve(second.id)).status == "queued"


async def test_statuses_and_times_can_be_spelled_in_another_way(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, clock: ManualClock
) -> None:
    """As by endpoints that write dates, and words of their own for every status."""
    speak(sandbox, FaultKind.OTHER_SPELLINGS, operation="*")
    said: list[object] = []
    for seconds in (0, 1.5, 1, 100):
        clock.advance(seconds)
        said.append((await unchecked.fine_tuning.jobs.retrieve(job.id)).status)
    assert said == ["notRunning", "Validating-Files", "InProgress", "SUCCESS"]
    told = await unchecked.fine_tuning.jobs.retrieve(job.id)
    assert datetime.fromisoformat(str(told.created_at)).timestamp() == job.created_at
    assert str((await unchecked.files.retrieve(job.training_file)).status) == "Processed"


async def test_a_cancel_under_way_can_be_said(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, clock: ManualClock
) -> None:
    """Half-way is not the end: the job is live until the cancel takes effect."""
    sandbox.account.durations = Durations(cancelling_s=5)
    speak(sandbox, FaultKind.STOPPING_SAID, operation="*")
    clock.advance(10)
    assert str((await unchecked.fine_tuning.jobs.cancel(job.id)).status) == "cancelling"
    clock.advance(5)
    assert (await unchecked.fine_tuning.jobs.retrieve(job.id)).status == "cancelled"


def test_accents_are_kinds_of_faults_of_their_own() -> None:
    """Everything but an accent is a fault, and a call meets one of them."""
    assert {kind.value for kind in ACCENTS} == {
        "after_refused",
        "create_repeated",
        "file_unusable",
        "filter_ignored",
        "metadata_dropped",
        "suffix_dropped",
        "method_dropped",
        "new_event_ids",
        "no_event_ids",
        "oldest_first",
        "other_listed_ids",
        "training_file_hidden",
        "other_spellings",
        "stopping_said",
        "uploaded_said",
    }
