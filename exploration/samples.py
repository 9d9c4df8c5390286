"""Sample sources of a training, and sample jobs of a provider."""

from datetime import UTC, datetime
from typing import Any

from graphql_api.documents import Dataset, GoldenRecordIds
from graphql_api.providers.openai.status_words import job_status
from graphql_api.providers.port import ProviderJob

FILE = "file-1"
DATASET = Dataset(golden_records=GoldenRecordIds(), record_count=10, size_bytes=3, sha256="0" * 64)


def job(job_id: str = "ftjob-1", *, status: str = "running", **told: Any) -> ProviderJob:
    """Return a job as a provider might tell it; ``status`` is its word."""
    return ProviderJob(
        id=job_id,
        status=job_status(status),
        word=status,
        model="m",
        training_file_id=FILE,
        created_at=datetime.now(UTC),
        **told,
    )
