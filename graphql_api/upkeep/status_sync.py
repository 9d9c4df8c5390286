"""Bulk synchronisation: the status of many live jobs by a few pages of the provider's list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import structlog

from graphql_api.engine.driving import settle
from graphql_api.engine.engine import CLOCK_SLACK, Engine
from graphql_api.providers.port import FinetuningProvider, ProviderJob
from graphql_api.store.database import StoreError
from graphql_api.store.expressions import Fields

log = structlog.get_logger(__name__)

HANDFUL = 5
"""Up to so many live jobs one call each costs no more than the list."""
MOST_AT_ONCE = 5_000


class Listed:
    """A provider whose jobs have just been listed: the first look at each is answered from the list.

    Whatever else is asked goes to the provider itself, and a job that was asked to stop is never answered
    from the list, which is older than the request.
    """

    def __init__(self, provider: FinetuningProvider, jobs: dict[str, ProviderJob]) -> None:
        self._provider = provider
        self._jobs = jobs

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the listed job once, then ask."""
        return self._jobs.pop(job_id, None) or await self._provider.retrieve_job(job_id)

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Forget what was listed, and ask."""
        self._jobs.pop(job_id, None)
        return await self._provider.cancel_job(job_id)

    def __getattr__(self, name: str) -> object:
        return getattr(self._provider, name)


async def sync(engine: Engine, provider: FinetuningProvider, *, handful: int = HANDFUL) -> int:
    """Synchronise all live jobs if they are more than a handful; return how many were.

    Each is due for a look of its own only after the next round should have come; one that fails does not
    keep the others. Raises ``ProviderFault`` if the list cannot be read, and what MongoDB raises.
    """
    wanted = await engine.upkeep.live_job_ids(most=MOST_AT_ONCE)
    if len(wanted) <= handful:
        return 0
    jobs = await _listed(provider, wanted)
    interval_s = engine.timing.sync_interval_s * 2
    listed = cast("FinetuningProvider", Listed(provider, jobs))  # the rest of the port is the provider's own
    bulk = replace(
        engine,
        provider_named=lambda _: listed,
        timing=replace(engine.timing, sync_interval_s=interval_s),
    )
    for job_id in list(jobs):
        try:
            await _take_over(bulk, job_id, where=wanted[job_id])
        except StoreError:
            raise
        except Exception:
            log.exception("a job could not be synchronised", job=job_id)
    return len(wanted)


async def _take_over(bulk: Engine, job_id: str, *, where: Fields) -> None:
    """Settle the job's finetuning, unless somebody was told of it since: that is newer than the list."""
    token = bulk.new_token()
    claimed = await bulk.upkeep.claim_job(job_id, token=token, where=where)
    if claimed is not None:
        await settle(bulk, claimed, token=token)


async def _listed(provider: FinetuningProvider, wanted: Mapping[str, Fields]) -> dict[str, ProviderJob]:
    """Return the wanted jobs, reading no more pages than it takes to find them or to pass the oldest.

    One that the list shows under another id, so that only its file tells whose it is, may be a second job:
    its status is not taken over, and the finetuning is looked at by itself.
    """
    oldest = min(seen["created_at"] for seen in wanted.values()) - CLOCK_SLACK
    of_file = {seen["finetuning_file_id"]: job_id for job_id, seen in wanted.items()}
    missing, jobs = set(wanted), dict[str, ProviderJob]()
    async for job in provider.list_jobs():
        if job.id in wanted:
            jobs[job.id] = job
        missing.discard(job.id if job.id in wanted else of_file.get(job.training_file_id, ""))
        if not missing or job.created_at < oldest:
            break
    return jobs
