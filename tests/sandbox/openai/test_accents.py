"""The accents of an endpoint: the same answers, spoken in another way, alone and together."""

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Fault, FaultKind, ManualClock, Sandbox
from graphql_api.sandbox.openai.faults import ACCENTS
from tests.sandbox.openai.conftest import JobMaker

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
    """Its first page is answered, says that there is more, and nothing gets at that."""
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


def test_accents_are_kinds_of_faults_of_their_own() -> None:
    """Whatever is no accent is a fault, of which one happens to a call."""
    assert {kind.value for kind in ACCENTS} == {
        "after_refused",
        "new_event_ids",
        "no_event_ids",
        "oldest_first",
    }
