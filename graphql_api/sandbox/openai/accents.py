"""Applies a call's accents to its request and answer."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.files import StoredFile
from graphql_api.sandbox.openai.jobs import Job
from graphql_api.sandbox.openai.wire import file_object, job_object

Json = dict[str, Any]


LISTED = "listed-"
"""The prefix of each id in a list with ids of its own."""

_PASSED_OVER = {FaultKind.METADATA_DROPPED: "metadata", FaultKind.METHOD_DROPPED: "method"}


def heard(body: Any, accents: frozenset[FaultKind]) -> Any:
    """Return the fields of a create's body without the ignored ones."""
    if not isinstance(body, dict):
        return body
    dropped = {field for accent, field in _PASSED_OVER.items() if accent in accents}
    return {field: value for field, value in body.items() if field not in dropped}


def listed(job: Json, accents: frozenset[FaultKind]) -> Json:
    """Return the job as an item of the list of jobs."""
    return job | {"id": f"{LISTED}{job['id']}"} if FaultKind.OTHER_LISTED_IDS in accents else job


_OTHER_WORDS = {
    "queued": "notRunning",
    "validating_files": "Validating-Files",
    "running": "InProgress",
    "succeeded": "SUCCESS",
    "failed": "error",
    "cancelled": "Canceled",
    "pending": "notRunning",
    "processed": "Processed",
    "error": "FAILED",
}
_TIMES = ("created_at", "finished_at", "estimated_finish")


def spoken_job(job: Job, accents: frozenset[FaultKind]) -> Json:
    """Return the job in these accents."""
    told = job_object(job)
    if job.is_stopping and FaultKind.STOPPING_SAID in accents:
        told["status"] = "cancelling"
    if FaultKind.TRAINING_FILE_HIDDEN in accents:
        told["training_file"] = None
    return _spelled(told, accents)


def spoken_file(file: StoredFile, accents: frozenset[FaultKind], *, now: float) -> Json:
    """Return the file in these accents."""
    told = file_object(file, now=now)
    if FaultKind.UPLOADED_SAID in accents:
        told["status"] = "uploaded"
    return _spelled(told, accents)


def _spelled(told: Json, accents: frozenset[FaultKind]) -> Json:
    """Return the object with other spellings of its statuses and times."""
    if FaultKind.OTHER_SPELLINGS not in accents:
        return told
    times = {key: datetime.fromtimestamp(told[key], UTC).isoformat() for key in _TIMES if told.get(key)}
    return {**told, **times, "status": _OTHER_WORDS.get(told["status"], told["status"])}


def with_ids_of(lines: Sequence[Json], accents: frozenset[FaultKind]) -> list[Json]:
    """Return the lines of a log with their ids in these accents."""
    if FaultKind.NO_EVENT_IDS in accents:
        return [{key: value for key, value in line.items() if key != "id"} for line in lines]
    if FaultKind.NEW_EVENT_IDS in accents:
        return [line | {"id": f"ftevent-{secrets.token_hex(12)}"} for line in lines]
    return list(lines)
