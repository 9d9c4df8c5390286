"""The cancel through both faces.

The intent can be settled at once, or may not be stored at all.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
from tests.http.conftest import Api
from tests.http.faces import Answer
from tests.stages import raw
from tests.world import World

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"


def assert_closed(finetuning: Finetuning, *, attempts: int) -> None:
    """Assert that the stored finetuning is cancelled for sure, and will not be looked at again."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts, told.last_error) == (CancellationPhase.CONFIRMED, attempts, None)
    assert told.confirmed_at == finetuning.updated_at
    assert finetuning.finished_at is not None
    assert finetuning.lease is None


@pytest.mark.parametrize(
    "finetuning_id", ["finetuning-job-id", "65f0", UNKNOWN_ID[:-1], UNKNOWN_ID + "0", "z" * 24, "ab " * 8]
)
async def test_a_malformed_id_is_refused(quick_api: Api, finetuning_id: str) -> None:
    """It is named as the argument that is wrong."""
    answer = await quick_api.refused(finetuning_id, http_status=400)
    assert answer.code == "BAD_USER_INPUT"
    assert answer.message == "finetuningId must be an id of 24 hexadecimal digits."
    assert answer.details == {"argument": "finetuningId"}


async def test_an_unknown_id_is_not_found(api: Api) -> None:
    """The answer repeats the id."""
    answer = await api.refused(UNKNOWN_ID, http_status=404)
    assert (answer.code, answer.message) == ("FINETUNING_NOT_FOUND", f"There is no finetuning {UNKNOWN_ID}.")
    assert answer.details == api.details(finetuningId=UNKNOWN_ID)


async def test_another_tenants_finetuning_is_as_unknown(api: Api) -> None:
    """The answer is an unknown id's, and the other tenant's training goes on untouched."""
    world = api.world
    world.caller = replace(ANONYMOUS, tenant="other")
    theirs = await world.created_and_training()
    before, seen = await raw(world, theirs), len(world.sandbox.calls.find())
    answer = await api.refused(theirs, http_status=404)
    assert (answer.code, answer.message) == ("FINETUNING_NOT_FOUND", f"There is no finetuning {theirs.id}.")
    assert answer.details == api.details(finetuningId=str(theirs.id))
    assert await raw(world, theirs) == before
    assert len(world.sandbox.calls.find()) == seen


NOT_A_MAP = "metadata must be a map of strings to strings."
BAD_METADATA: dict[str, tuple[Any, str]] = {
    "a_list": (["why"], NOT_A_MAP),
    "a_text": ("why", NOT_A_MAP),
    "a_number": (1, NOT_A_MAP),
    "a_truth": (False, NOT_A_MAP),
    "number_as_value": ({"n": 1}, "metadata: the value of 'n' must be a string."),
    "null_as_value": ({"n": None}, "metadata: the value of 'n' must be a string."),
    "map_as_value": ({"fine": "yes", "n": {}}, "metadata: the value of 'n' must be a string."),
    "17_pairs": ({f"k{n}": "v" for n in range(17)}, "metadata must have at most 16 pairs."),
    "key_of_65": (
        {"k" * 65: "v"},
        f"metadata: the key '{'k' * 65}' must have 1 to 64 characters and no NUL.",
    ),
    "empty_key": ({"": "v"}, "metadata: the key '' must have 1 to 64 characters and no NUL."),
    "nul_in_key": (
        {"a\0b": "v"},
        "metadata: the key 'a\\x00b' must have 1 to 64 characters and no NUL.",
    ),
    "value_of_513": ({"k": "v" * 513}, "metadata: the value of 'k' must have at most 512 characters."),
}


@pytest.mark.parametrize(("metadata", "message"), BAD_METADATA.values(), ids=BAD_METADATA.keys())
async def test_bad_metadata_cancels_nothing(quick_api: Api, metadata: Any, message: str) -> None:
    """The key that breaks a rule is named, and no intent is stored."""
    queued = await quick_api.world.create()
    before = await raw(quick_api.world, queued)
    answer = await quick_api.refused(queued, metadata, http_status=400)
    assert (answer.code, answer.message) == ("BAD_USER_INPUT", message)
    assert answer.details == {"argument": "metadata"}
    assert await raw(quick_api.world, queued) == before
    assert quick_api.world.sandbox.calls.find() == []


@pytest.mark.parametrize(
    "metadata",
    [
        {f"k{n}": "v" for n in range(16)},
        {"k" * 64: "v" * 512},
        {"$set": "$status", "a.b": ""},
        {"grüße": "😀"},
    ],
    ids=["16_pairs", "longest", "operators", "unicode"],
)
async def test_metadata_within_the_rules_is_kept_as_it_is(quick_api: Api, metadata: dict[str, str]) -> None:
    """Limits are inclusive, and a text like a database operator is only text."""
    queued = await quick_api.world.create()
    stored = await quick_api.cancel_told(queued, metadata, http_status=200)
    assert stored.cancellation is not None
    assert stored.metadata == stored.cancellation.metadata == metadata


async def test_cancel_metadata_wins_over_what_was_there(api: Api) -> None:
    """The request's own map is kept apart, too."""
    queued = await api.world.create(metadata={"team": "search", "reason": "none"})
    stored = await api.cancel_told(queued, {"reason": "wrong data"}, http_status=200)
    assert stored.cancellation is not None
    assert stored.cancellation.metadata == {"reason": "wrong data"}
    assert stored.metadata == {"team": "search", "reason": "wrong data"}


@pytest.mark.parametrize("metadata", [None, {}], ids=["null", "empty"])
async def test_no_metadata_changes_none(api: Api, metadata: dict[str, str] | None) -> None:
    """Null and an empty map leave the present one."""
    queued = await api.world.create(metadata={"team": "search"})
    stored = await api.cancel_told(queued, metadata, http_status=200)
    assert stored.cancellation is not None
    assert (stored.metadata, stored.cancellation.metadata) == ({"team": "search"}, metadata)


async def test_a_queued_finetuning_is_closed_at_once(api: Api) -> None:
    """Nothing is at the provider, so nothing is asked there, now or later."""
    queued = await api.world.create()
    stored = await api.cancel_told(queued, http_status=200)
    assert_closed(stored, attempts=0)
    assert (stored.finetuning_file_id, stored.finetuning_job_id, stored.model_id) == (None, None, None)
    assert stored.due_at is None
    assert await api.world.work() == 0
    assert api.world.sandbox.calls.find() == []


async def uploaded(world: World) -> Finetuning:
    """Return a finetuning with its file at the provider, and with the job refused for now."""
    created = await world.create()
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429))
    await world.work()
    held = await world.read(created)
    assert held.finetuning_file_id == world.files()[0].id
    return held


async def test_an_uploaded_file_is_removed_after_the_cancel(api: Api) -> None:
    """The answer does not wait for it; the worker removes it, and no job is ever asked for."""
    held = await uploaded(api.world)
    stored = await api.cancel_told(held, http_status=200)
    assert_closed(stored, attempts=0)
    assert (stored.finetuning_file_id, stored.finetuning_job_id) == (None, None)
    assert api.world.calls("files.delete") == 0
    await api.world.drain(seconds=60)
    assert (api.world.files(), api.world.calls("files.delete"), api.world.calls("jobs.create")) == ([], 1, 1)
    after = await api.world.read(held)
    assert (after.leftover_file, after.due_at, after.updated_at > stored.updated_at) == (None, None, False)


async def test_the_removal_of_a_file_is_retried(api: Api) -> None:
    """The cancel stands meanwhile."""
    held = await uploaded(api.world)
    api.world.fault(Fault(kind=FaultKind.STATUS, operation="files.delete", status=500, times=2))
    await api.cancel_told(held, http_status=200)
    await api.world.work()
    assert (len(api.world.files()), api.world.calls("files.delete")) == (1, 1)
    assert_closed(await api.world.read(held), attempts=0)
    await api.world.drain(seconds=60)
    assert (api.world.files(), api.world.calls("files.delete")) == ([], 3)


async def test_a_live_job_is_cancelled_and_read_back(api: Api) -> None:
    """One cancel call, then one look at its result: nothing else."""
    training = await api.world.created_and_training()
    seen = len(api.world.sandbox.calls.find())
    stored = await api.cancel_told(training, {"reason": "wrong data"}, http_status=200)
    assert_closed(stored, attempts=1)
    calls = api.world.sandbox.calls.find()[seen:]
    assert [call.operation for call in calls] == ["jobs.cancel", "jobs.retrieve"]
    assert [job.status for job in api.world.jobs()] == [JobStatus.CANCELLED]
    assert stored.finetuning_job_id == api.world.jobs()[0].id
    assert stored.finetuning_file_id == training.finetuning_file_id


def assert_too_late(api: Api, answer: Answer, *, finetuning: Finetuning, outcome: JobStatus) -> None:
    """Assert that the answer says honestly how the finetuning ended."""
    assert answer.code == "FINETUNING_NOT_CANCELLABLE"
    assert answer.message == f"Finetuning {finetuning.id} has already {outcome} and cannot be cancelled."
    if api.face.name == "graphql":
        assert answer.details == {"finetuningId": str(finetuning.id), "status": outcome.upper()}
    else:
        assert answer.details == {"finetuning_id": str(finetuning.id), "finetuning_status": outcome}


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_job_that_has_ended_at_the_provider_is_told_so(api: Api, outcome: JobStatus) -> None:
    """Too late is an error with the true status, and from now on the document says the same."""
    training = await api.world.created_and_training()
    api.world.sandbox.account.finish_job(api.world.jobs()[0].id, outcome=outcome)
    looks = api.world.calls("jobs.retrieve")
    answer = await api.refused(training, http_status=409)
    assert_too_late(api, answer, finetuning=training, outcome=outcome)
    after = await api.world.read(training)
    assert after.status.value == outcome.value
    assert after.cancellation is not None
    told = after.cancellation
    assert (told.phase, told.attempts) == (CancellationPhase.OVERTAKEN, 1)
    assert (told.last_error, told.confirmed_at) == (None, None)
    assert (api.world.calls("jobs.cancel"), api.world.calls("jobs.retrieve") - looks) == (1, 1)


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_finetuning_that_has_ended_is_not_touched(api: Api, outcome: JobStatus) -> None:
    """Nothing is stored, no provider is asked, and the error is that of a cancel overtaken."""
    training = await api.world.created_and_training()
    api.world.sandbox.account.finish_job(api.world.jobs()[0].id, outcome=outcome)
    await api.world.drain(seconds=15)
    before, seen = await raw(api.world, training), len(api.world.sandbox.calls.find())
    answer = await api.refused(training, {"too": "late"}, http_status=409)
    assert_too_late(api, answer, finetuning=training, outcome=outcome)
    assert before["status"] == outcome.value
    assert await raw(api.world, training) == before
    assert len(api.world.sandbox.calls.find()) == seen
