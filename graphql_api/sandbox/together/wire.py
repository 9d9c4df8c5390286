"""The shapes of Together AI's answers.

One job is described in full, with its log and without its suffix; a created, listed or cancelled one is told
in short, with its suffix and without its log.
"""

from datetime import UTC, datetime

from graphql_api.sandbox.files import FileStatus, StoredFile
from graphql_api.sandbox.stand_in import Json
from graphql_api.sandbox.together.jobs import Job, JobStatus, Step

_FILE_WORDS = {
    FileStatus.PENDING: "RUNNING",
    FileStatus.PROCESSED: "COMPLETED",
    FileStatus.ERROR: "INVALID_FORMAT",
}


def file_object(file: StoredFile, *, now: float) -> Json:
    """Return a file."""
    status = file.status_at(now)
    is_valid = status is FileStatus.PROCESSED
    report = {"file_id": file.id, "valid": is_valid}
    if not is_valid:
        report |= {"error_type": "INVALID_FORMAT", "error": "The file could not be read."}
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.content),
        "created_at": int(file.created_at),
        "filename": file.filename,
        "FileType": "jsonl",
        "purpose": file.purpose,
        "processing_status": _FILE_WORDS[status],
        **({} if status is FileStatus.PENDING else {"validation_report": report}),
    }


def short_job(job: Job) -> Json:
    """Return a job as the answer to a create, a list or a cancel."""
    return _job(job) | {"events": [], "suffix": job.suffix or ""}


def full_job(job: Job) -> Json:
    """Return a job as the answer to the question for this one."""
    return _job(job) | {
        "events": event_objects(job),
        "epochs_completed": job.n_epochs if job.has_trained else 0,
    }


def stranger_object(now: float) -> Json:
    """Return a well-formed but unrequested job."""
    return {
        "id": "ft-stranger",
        "status": JobStatus.CANCELLED.value,
        "user_id": "sandbox",
        "created_at": _time(now),
        "updated_at": _time(now),
        "model": "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference",
        "training_file": "file-stranger",
    }


def event_objects(job: Job) -> list[Json]:
    """Return a job's log, oldest first."""
    return [_event(step) for step in job.history]


def checkpoint_objects(job: Job) -> list[Json]:
    """Return a job's checkpoints: there is one, at the end of the training."""
    if not job.has_trained:
        return []
    trained = next(step for step in job.history if step.status is JobStatus.COMPRESSING)
    return [
        {
            "checkpoint_type": "Final",
            "created_at": _time(trained.at),
            "path": f"s3://sandbox/{job.id}/final",
            "step": 10 * job.n_epochs,
            "checkpoint": "adapter",
            "object_id": f"ml_{job.id}",
            "object_name": job.output_name,
        }
    ]


def listing(rows: list[Json]) -> Json:
    """Return a whole list."""
    return {"data": rows}


def _job(job: Job) -> Json:
    return {
        "id": job.id,
        "status": job.status.value,
        "user_id": "sandbox",
        "created_at": _time(job.created_at),
        "updated_at": _time(job.updated_at),
        "model": job.model,
        "model_output_name": job.output_name,
        "training_file": job.training_file,
        "n_epochs": job.n_epochs,
        "batch_size": 8 if job.batch_size == "max" else job.batch_size,
        "learning_rate": job.learning_rate,
        "token_count": 1000 * job.n_epochs if job.has_trained else 0,
        "total_price": 0,
    }


def _event(step: Step) -> Json:
    return {
        "object": "fine-tune-event",
        "created_at": _time(step.at),
        "level": step.level,
        "message": step.message,
        "type": step.event,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
