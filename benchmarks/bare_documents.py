"""The bare server's documents and answers, written out by hand."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from graphql_api.documents import CANCELLED_BY_USER, GoldenRecordIds

PARAMETERS = ("n_epochs", "batch_size", "learning_rate_multiplier")
LEASE = timedelta(seconds=60)

Json = dict[str, Any]


def finetuning_json(document: Mapping[str, Any]) -> Json:
    """Return the fields selected by the benchmark's operations."""
    llm = document["base_llm"]
    parameters = llm["model_parameters"]
    records = document["golden_records"]
    return {
        "id": str(document["_id"]),
        "dbConnectionId": str(document["db_connection_id"]),
        "alias": document["alias"],
        "status": document["status"].upper(),
        "error": document["error"],
        "baseLlm": {
            "modelProvider": llm["model_provider"],
            "modelName": llm["model_name"],
            "modelParameters": {
                "nEpochs": parameters["n_epochs"],
                "batchSize": parameters["batch_size"],
                "learningRateMultiplier": parameters["learning_rate_multiplier"],
            },
        },
        "finetuningFileId": document["finetuning_file_id"],
        "finetuningJobId": document["finetuning_job_id"],
        "modelId": document["model_id"],
        "createdAt": document["created_at"].isoformat(),
        "goldenRecords": None if records is None else [*map(str, GoldenRecordIds(records))],
        "metadata": document["metadata"],
    }


def cursor_of(document: Mapping[str, Any]) -> str:
    """Return the list's cursor of a document."""
    milliseconds = round(document["created_at"].timestamp() * 1000)
    return urlsafe_b64encode(b"f" + milliseconds.to_bytes(8) + document["_id"].binary).decode()


def intent() -> dict[str, Json]:
    """Return the fields set by the first write of a cancel, and its timeline entry."""
    now = datetime.now(UTC)
    lease = {"owner": "bare", "token": str(ObjectId()), "taken_at": now, "expires_at": now + LEASE}
    cancellation = {
        "phase": "requested",
        "requested_at": now,
        "confirmed_at": None,
        "requested_by": None,
        "metadata": None,
        "attempts": 0,
        "last_error": None,
        "trained_tokens": None,
    }
    fields = {
        "wanted": "cancel",
        "cancellation": cancellation,
        "faults": 0,
        "updated_at": now,
        "lease": lease,
        "due_at": lease["expires_at"],
    }
    return {"fields": fields, "event": _event(now, "cancel_requested")}


def closing(job: Json) -> dict[str, Json]:
    """Return the fields set by the second write, from the job as it was read back, and its timeline entry."""
    now = datetime.now(UTC)
    said = (job["method"] or {}).get("supervised", {}).get("hyperparameters") or job["hyperparameters"]
    fields = {
        "status": job["status"],
        "error": CANCELLED_BY_USER,
        "provider_status": None,
        "finished_at": datetime.fromtimestamp(job["finished_at"], UTC),
        "log_work": {"due_at": now, "token": None, "faults": 0},
        "estimated_finish_at": None,
        "synced_at": now,
        "missing_since": None,
        "refused_since": None,
        "last_fault": None,
        "unanswered_create": False,
        "marks_kept": True,
        "trained_parameters": {name: said.get(name) for name in PARAMETERS},
        "trained_tokens": job["trained_tokens"],
        "model_id": job["fine_tuned_model"],
        "cancellation.attempts": 1,
        "cancellation.last_error": None,
        "cancellation.phase": "confirmed",
        "cancellation.confirmed_at": now,
        "cancellation.trained_tokens": job["trained_tokens"],
        "lease": None,
        "due_at": None,
        "updated_at": now,
    }
    event = _event(now, "status_changed", status=job["status"], message=CANCELLED_BY_USER)
    return {"fields": fields, "event": event}


def _event(at: datetime, kind: str, *, status: str | None = None, message: str | None = None) -> Json:
    return {"at": at, "kind": kind, "actor": None, "status": status, "message": message, "request_id": None}
