"""Seeded design faults about the owner of a job.

Each class is fit to stand in the place of the provider.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from exploration.faulty_parts import Around
from exploration.parts import TIMING
from exploration.provider import START, true_id
from graphql_api.engine.engine import CLOCK_SLACK, Account, Engine
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY, JobStatus, ProviderJob
from graphql_api.upkeep.sweep import Verdict, sweep


class KnownByMetadata(Around):
    """A job without metadata belongs to no finetuning."""

    async def find_jobs(self, **asked: Any) -> list[ProviderJob]:
        """Look for no file."""
        found: list[ProviderJob] = await self._part.find_jobs(**asked | {"training_file_ids": ()})
        return found

    async def list_jobs(self, **asked: Any) -> AsyncIterator[ProviderJob]:
        """Leave the files out."""
        async for job in self._part.list_jobs(**asked):
            yield replace(job, training_file_id="")


class FileOnlyAfterGrace(Around):
    """The training file is looked for only when the grace time is over."""

    async def find_jobs(
        self, *, finetuning_id: str, training_file_ids: Collection[str], made_after: datetime | None = None
    ) -> list[ProviderJob]:
        """Look for the metadata alone before."""
        now = START + timedelta(seconds=self._part._target.time())
        waited_s = 0.0 if made_after is None else (now - made_after - CLOCK_SLACK).total_seconds()
        files = training_file_ids if waited_s >= TIMING.grace_s else ()
        found: list[ProviderJob] = await self._part.find_jobs(
            finetuning_id=finetuning_id, training_file_ids=files, made_after=made_after
        )
        return found


class NoSiblings(Around):
    """After the first job, the search for another one ends."""

    async def find_jobs(self, **asked: Any) -> list[ProviderJob]:
        """Find the first."""
        found: list[ProviderJob] = await self._part.find_jobs(**asked)
        return found[:1]


class MarksNotCompared(Around):
    """The marks sent are not compared with the marks that come back."""

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Take them for kept."""
        job: ProviderJob = await self._part.retrieve_job(job_id)
        spec = self._part._target.jobs[true_id(job_id)].spec
        sent = {FINETUNING_ID_KEY: spec.finetuning_id, DEPLOYMENT_KEY: spec.deployment_id}
        return replace(job, metadata=sent)


class OwnIdListed(Around):
    """The list is taken to have the finetuning's own id, whatever ids it shows."""

    async def list_jobs(self, **asked: Any) -> AsyncIterator[ProviderJob]:
        """Add that id."""
        async for job in self._part.list_jobs(**asked):
            yield job
            yield replace(job, id=true_id(job.id), status=JobStatus.CANCELLED)


async def sweep_by_id_alone(engine: Engine, account: Account) -> Counter[Verdict]:
    """Sweep, and take every id unknown to a finetuning for another job's id."""
    return await sweep(engine, replace(account, provider=cast("Any", OwnIdListed(account.provider))))
