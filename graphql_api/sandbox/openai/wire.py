"""The shapes of OpenAI's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from graphql_api.sandbox.files import FileStatus, StoredFile
from graphql_api.sandbox.openai.jobs import Job, JobStatus, Milestone

Json = dict[str, Any]


def file_object(file: StoredFile, *, now: float) -> Json:
    """Return OpenAI's ``file`` object."""
    status = file.status_at(now)
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.content),
        "created_at": int(file.created_at),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": status.value,
        **({"status_details": "The file could not be read."} if status is FileStatus.ERROR else {}),
    }


def job_object(job: Job) -> Json:
    """Return OpenAI's ``fine_tuning.job`` object."""
    hyperparameters = asdict(job.resolved if job.has_started else job.asked)
    succeeded = job.status is JobStatus.SUCCEEDED
    return {
        "id": job.id,
        "object": "fine_tuning.job",
        "created_at": int(job.created_at),
        "error": asdict(job.error) if job.error else None,
        "estimated_finish": int(job.plan[-1].at) if job.status is JobStatus.RUNNING else None,
        "fine_tuned_model": job.model_id if succeeded else None,
        "finished_at": int(job.finished_at) if job.finished_at else None,
        "hyperparameters": hyperparameters,
        "integrations": [],
        "metadata": job.metadata,
        "method": {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
        "model": job.model,
        "organization_id": "org-sandbox",
        "result_files": [job.result_file_id] if succeeded else [],
        "seed": job.seed,
        "status": job.status.value,
        "trained_tokens": job.trained_tokens,
        "training_file": job.training_file,
        "user_provided_suffix": job.suffix,
        "validation_file": job.validation_file,
    }


def stranger_object(now: float) -> Json:
    """Return a well-formed but unrequested job."""
    return {
        "id": "ftjob-sandboxstranger",
        "object": "fine_tuning.job",
        "created_at": int(now),
        "error": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "hyperparameters": {"n_epochs": 1},
        "metadata": None,
        "model": "gpt-4o-mini-2024-07-18",
        "organization_id": "org-sandbox",
        "result_files": [],
        "seed": 0,
        "status": JobStatus.CANCELLED.value,
        "trained_tokens": None,
        "training_file": "file-sandboxstranger",
        "validation_file": None,
    }


def event_objects(job: Job) -> list[Json]:
    """Return a job's log as ``fine_tuning.job.event`` objects, newest first."""
    log = enumerate(job.history)
    return [_event_object(milestone, event_id=f"ftevent-{job.id}-{number}") for number, milestone in log][
        ::-1
    ]


def _event_object(milestone: Milestone, *, event_id: str) -> Json:
    is_report = milestone.metrics is not None and not milestone.is_checkpoint
    return {
        "object": "fine_tuning.job.event",
        "id": event_id,
        "created_at": int(milestone.at),
        "level": "error" if milestone.error else "info",
        "message": milestone.message,
        "type": "metrics" if is_report else "message",
        "data": milestone.metrics if is_report else {},
    }


def checkpoint_objects(job: Job) -> list[Json]:
    """Return a job's checkpoints as ``fine_tuning.job.checkpoint`` objects, newest first."""
    reached = [milestone for milestone in job.history if milestone.is_checkpoint]
    return [
        _checkpoint_object(job, at=milestone.at, metrics=milestone.metrics or {}) for milestone in reached
    ][::-1]


def _checkpoint_object(job: Job, *, at: float, metrics: Mapping[str, int | float]) -> Json:
    step = int(metrics["step"])
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": f"ftckpt-{job.id}-{step}",
        "created_at": int(at),
        "fine_tuned_model_checkpoint": f"{job.model_id}:ckpt-step-{step}",
        "fine_tuning_job_id": job.id,
        "metrics": dict(metrics),
        "step_number": step,
    }


def model_object(model: str, *, created_at: float) -> Json:
    """Return OpenAI's ``model`` object."""
    owner = "org-sandbox" if model.startswith("ft:") else "sandbox"
    return {
        "id": model,
        "object": "model",
        "created": int(created_at),
        "owned_by": owner,
        "shutdown_date": None,
    }


def deletion(subject: str, *, kind: str) -> Json:
    """Return the answer to a deletion."""
    return {"id": subject, "object": kind, "deleted": True}


def listing(rows: Sequence[Json], *, has_more: bool) -> Json:
    """Return one page of a list."""
    return {"object": "list", "data": list(rows), "has_more": has_more}


def bounded_list(rows: Sequence[Json], *, has_more: bool, nobody: str | None = None) -> Json:
    """Return one page of a list with its first and last id, or with ``nobody`` for an empty page."""
    first, last = (rows[0]["id"], rows[-1]["id"]) if rows else (nobody, nobody)
    return listing(rows, has_more=has_more) | {"first_id": first, "last_id": last}
