"""Objects as OpenAI sends them, and the provider under test."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import FinetuningProvider, JobSpec
from tests.providers.opening import opened

SPEC = JobSpec(
    finetuning_id="f1",
    deployment_id="d",
    model="gpt-4o-mini-2024-07-18",
    training_file_id="file-1",
    alias="orders",
    n_epochs=3,
    batch_size=1,
    learning_rate_multiplier="auto",
)

Call = Callable[[FinetuningProvider], Awaitable[object]]

CALLS: dict[str, Call] = {
    "upload": lambda provider: provider.upload_training_file(b"{}\n", filename="f1.jsonl"),
    "create": lambda provider: provider.create_job(SPEC),
    "cancel": lambda provider: provider.cancel_job("ftjob-1"),
    "retrieve": lambda provider: provider.retrieve_job("ftjob-1"),
}


provider_at = partial(opened, OpenAIProvider)


def job(job_id: str = "ftjob-1", /, **changes: object) -> dict[str, Any]:
    """Return a whole ``fine_tuning.job`` object."""
    return {
        "object": "fine_tuning.job",
        "id": job_id,
        "model": "gpt-4o-mini-2024-07-18",
        "created_at": 1_721_764_800,
        "finished_at": None,
        "fine_tuned_model": None,
        "organization_id": "org-123",
        "result_files": [],
        "status": "queued",
        "validation_file": None,
        "training_file": "file-1",
        "hyperparameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": "auto"},
        "trained_tokens": None,
        "error": {},
        "user_provided_suffix": "orders",
        "seed": 683058546,
        "estimated_finish": None,
        "integrations": [],
        "metadata": {"finetuning_id": "f1"},
        "usage_metrics": None,
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
        **changes,
    }


def file(file_id: str = "file-1", /, **changes: object) -> dict[str, Any]:
    """Return a whole ``file`` object."""
    return {
        "object": "file",
        "id": file_id,
        "purpose": "fine-tune",
        "filename": "f1-records.jsonl",
        "bytes": 2048,
        "created_at": 1_721_764_700,
        "expires_at": None,
        "status": "processed",
        "status_details": None,
        **changes,
    }


def event(event_id: str, /, *, created_at: object, **changes: object) -> dict[str, Any]:
    """Return a whole ``fine_tuning.job.event`` object."""
    return {
        "object": "fine_tuning.job.event",
        "id": event_id,
        "created_at": created_at,
        "level": "info",
        "message": "Step 1/10",
        "data": {},
        "type": "message",
        **changes,
    }


def page(items: Iterable[object], *, has_more: bool | None = False) -> dict[str, Any]:
    """Return a list object; ``has_more`` is left out if it is ``None``."""
    listed: dict[str, Any] = {"object": "list", "data": list(items)}
    return listed if has_more is None else {**listed, "has_more": has_more}


def error(message: object, *, code: object = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    """Return an error body."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
