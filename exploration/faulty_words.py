"""Seeded design faults about the provider's words.

The words are half-way words, unknown words and the words for files.
"""

from dataclasses import replace
from typing import Any

from exploration.faulty_parts import Around
from graphql_api.documents import Finetuning
from graphql_api.providers.port import FileStatus, JobStatus, ProviderJob, TrainingFile
from graphql_api.store.expressions import Fields
from graphql_api.store.leases import LeasedFinetunings


class HalfwayBelieved(Around):
    """A job being cancelled is taken for a cancelled one."""

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Say that it is done."""
        job: ProviderJob = await self._part.retrieve_job(job_id)
        return replace(job, status=JobStatus.CANCELLED) if job.status is JobStatus.STOPPING else job


class UnknownWordBelieved(Around):
    """An unknown word is taken for a failure."""

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Say that it failed."""
        job: ProviderJob = await self._part.retrieve_job(job_id)
        return replace(job, status=JobStatus.FAILED) if job.status is JobStatus.OTHER else job


class FileNotAwaited(Around):
    """A file in processing is taken for ready."""

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Say that it is processed."""
        file: TrainingFile = await self._part.retrieve_training_file(file_id)
        return replace(file, status=FileStatus.READY)


class AskedInEveryTurn(LeasedFinetunings):
    """A job already being stopped is stopped again."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Leave it out of every answer."""
        found = await super().update(where, *stages, **options)
        if found is None or found.cancellation is None:
            return found
        found.cancellation.under_way_since = None
        return found
