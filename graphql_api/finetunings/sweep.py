"""The sweep: finds live provider jobs of ours without a live owner, and stops them.

A job can lose its owner: its create call was answered after everybody had given up on it, or two calls
turned out to have made a job each. A job is judged by what is stored after the provider listed it, and
the mark of a create call is stored before the call is made, so a job whose creation is still under way
is never taken for an orphan.
"""

from collections import Counter
from enum import StrEnum

import structlog
from bson import ObjectId

from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.finetunings.engine import Engine
from graphql_api.providers.port import FINETUNING_ID_KEY, FinetuningProvider, ProviderFault, ProviderJob

log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    """What becomes of a live job of ours."""

    OWNED = "owned"
    ADOPT = "adopt"
    ORPHAN = "orphan"


def judge(job: ProviderJob, finetuning: Finetuning | None) -> Verdict:
    """Say what becomes of a live job, given the finetuning that its metadata names."""
    if finetuning is None or finetuning.status.is_terminal:
        return Verdict.ORPHAN
    if finetuning.finetuning_job_id == job.id:
        return Verdict.OWNED
    if finetuning.finetuning_job_id is None and finetuning.submission is not None:
        return Verdict.ADOPT
    return Verdict.ORPHAN


async def sweep(engine: Engine, provider: FinetuningProvider, *, dry_run: bool = False) -> Counter[Verdict]:
    """Judge every live job of this deployment and act on it; one that fails does not keep the others.

    With ``dry_run`` orphans are told of and left alone. Raises ``ProviderFault`` if the list cannot be read.
    """
    verdicts: Counter[Verdict] = Counter()
    async for job in provider.list_jobs(deployment_id=engine.deployment_id):
        if not _has_ended(job):
            try:
                verdicts[await _look_after(engine, provider, job, dry_run=dry_run)] += 1
            except ProviderFault as fault:
                log.warning("an orphan could not be stopped yet", job=job.id, reason=fault.message)
    return verdicts


async def _look_after(
    engine: Engine, provider: FinetuningProvider, job: ProviderJob, *, dry_run: bool
) -> Verdict:
    finetuning = await _owner(engine, job)
    verdict = judge(job, finetuning)
    if verdict is Verdict.ADOPT and finetuning is not None:
        await engine.upkeep.hint({"_id": finetuning.id})
    if verdict is Verdict.ORPHAN:
        await _stop(engine, provider, job, finetuning, dry_run=dry_run)
    return verdict


async def _stop(
    engine: Engine,
    provider: FinetuningProvider,
    job: ProviderJob,
    finetuning: Finetuning | None,
    *,
    dry_run: bool,
) -> None:
    if _has_ended(await provider.retrieve_job(job.id)):
        return
    log.warning("a provider job has no live finetuning", job=job.id, stops=not dry_run)
    if not dry_run:
        await provider.cancel_job(job.id)
    engine.metrics.orphans.labels(action="reported" if dry_run else "stopped").inc()
    if finetuning is not None and not dry_run:
        await engine.upkeep.record_orphan(finetuning.id, job.id)


async def _owner(engine: Engine, job: ProviderJob) -> Finetuning | None:
    finetuning_id = job.metadata.get(FINETUNING_ID_KEY, "")
    return await engine.store.read(ObjectId(finetuning_id)) if ObjectId.is_valid(finetuning_id) else None


def _has_ended(job: ProviderJob) -> bool:
    try:
        return FinetuningStatus(job.status).is_terminal
    except ValueError:
        return False
