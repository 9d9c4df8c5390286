"""Bulk synchronisation of live jobs by the provider's list."""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from graphql_api.engine.driving import settle
from graphql_api.engine.engine import CLOCK_SLACK, Account, Engine
from graphql_api.engine.reconcile import converge
from graphql_api.providers.port import FinetuningProvider, ProviderJob
from graphql_api.store.database import StoreError
from graphql_api.store.expressions import Fields

log = structlog.get_logger(__name__)

HANDFUL = 5
"""For up to this many live jobs, one call for each costs no more than the list."""
MOST_AT_ONCE = 5_000


async def sync(engine: Engine, account: Account, *, handful: int = HANDFUL) -> int:
    """Synchronise the account's live jobs if they are more than a handful; return their number, else 0.

    Each is due for a look of its own only after the expected time of the next round; a failing one does not
    stop the others. Raises ``ProviderFault`` if the list cannot be read, and MongoDB's errors.
    """
    wanted = await engine.upkeep.live_job_ids(account=account.key, most=MOST_AT_ONCE)
    if len(wanted) <= handful:
        return 0
    jobs = await _listed(account.provider, wanted)
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
    """Settle the job's finetuning by the list, if there was no hint or look since: those are newer.

    The list answers only the first look. If a cancel has come in the meantime, the provider is asked.
    """
    token = bulk.new_token()
    claimed = await bulk.upkeep.claim_job(listed.id, token=token, where=where)
    if claimed is not None:
        await settle(bulk, claimed, token=token, first=lambda engine, held: converge(engine, held, listed))


async def _listed(provider: FinetuningProvider, wanted: Mapping[str, Fields]) -> dict[str, ProviderJob]:
    """Return the wanted jobs; reading ends as soon as all are found or the oldest one's time is passed.

    A job listed under another id, recognised by its file alone, may be a second job: its status is not taken
    over, and the finetuning gets a look of its own.
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
