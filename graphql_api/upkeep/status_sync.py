"""Bulk synchronisation: the status of many live jobs by a few pages of the provider's list."""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from graphql_api.engine.driving import settle
from graphql_api.engine.engine import CLOCK_SLACK, Engine
from graphql_api.engine.reconcile import converge
from graphql_api.providers.port import FinetuningProvider, ProviderJob
from graphql_api.store.database import StoreError
from graphql_api.store.expressions import Fields

log = structlog.get_logger(__name__)

HANDFUL = 5
"""Up to so many live jobs one call each costs no more than the list."""
MOST_AT_ONCE = 5_000


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
    bulk = replace(engine, timing=replace(engine.timing, sync_interval_s=interval_s))
    for job_id, job in jobs.items():
        try:
            await _take_over(bulk, job, where=wanted[job_id])
        except StoreError:
            raise
        except Exception:
            log.exception("a job could not be synchronised", job=job_id)
    return len(wanted)


async def _take_over(bulk: Engine, listed: ProviderJob, *, where: Fields) -> None:
    """Settle the job's finetuning, unless somebody was told of it since: that is newer than the list.

    The list answers the first look alone. If a cancel came meanwhile, the provider is asked.
    """
    token = bulk.new_token()
    claimed = await bulk.upkeep.claim_job(listed.id, token=token, where=where)
    if claimed is not None:
        await settle(bulk, claimed, token=token, first=lambda engine, held: converge(engine, held, listed))


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
