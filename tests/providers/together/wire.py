"""Objects as Together AI sends them, and the provider under test."""

from dataclasses import replace
from functools import partial
from typing import Any

from graphql_api.providers.together import TogetherProvider
from graphql_api.providers.together.suffix import marked_suffix
from tests.providers.openai import wire as openai_wire
from tests.providers.opening import opened

FINETUNING = "0123456789abcdef01234567"
SPEC = replace(openai_wire.SPEC, finetuning_id=FINETUNING, model="meta-llama/Llama-3.1-8B")
SUFFIX = marked_suffix(finetuning_id=FINETUNING, deployment_id="d")

provider_at = partial(opened, TogetherProvider)


def job(job_id: str = "ft-1", /, **changes: object) -> dict[str, Any]:
    """Return a job as a list has it."""
    return {
        "id": job_id,
        "status": "pending",
        "created_at": "2024-07-23T20:00:00.123456789Z",
        "updated_at": "2024-07-23T20:03:20Z",
        "user_id": "user-1",
        "owner_address": "someone@example.com",
        "total_price": 0,
        "token_count": 0,
        "events": [],
        "model": "meta-llama/Llama-3.1-8B",
        "model_output_name": f"someone/Llama-3.1-8B-{SUFFIX}-ab12cd34",
        "suffix": SUFFIX,
        "n_epochs": 3,
        "batch_size": 1,
        "learning_rate": 1.8e-05,
        "training_file": "file-1",
        **changes,
    }


def file(file_id: str = "file-1", /, **changes: object) -> dict[str, Any]:
    """Return a file."""
    return {
        "object": "file",
        "id": file_id,
        "purpose": "fine-tune",
        "filename": "f1-records.jsonl",
        "bytes": 2048,
        "created_at": 1_721_764_700,
        "FileType": "jsonl",
        "processing_status": "COMPLETED",
        **changes,
    }


def event(**changes: object) -> dict[str, Any]:
    """Return a line of a job's log."""
    return {
        "object": "fine-tune-event",
        "created_at": "2024-07-23T20:00:00Z",
        "level": "info",
        "message": "Job started",
        "type": "job_start",
        "step": 0,
        **changes,
    }


def listing(*items: object) -> dict[str, Any]:
    """Return a whole list."""
    return {"data": list(items)}
