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

from graphql_api.documents import Finetuning
from graphql_api.finetunings.engine import Engine
from graphql_api.finetunings.reconcile import has_ended
from graphql_api.providers.port import FINETUNING_ID_KEY, FinetuningProvider, ProviderFault, ProviderJob

log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    """What becomes of a live job of ours."""

    OWNED = "owned"
    ADOPT = "adopt"
    ORPHAN = "orphan"
    CONTRADICTION = "contradiction"
    """Its own finetuning has ended without anybody having asked for that: told of, never stopped."""


def judge(job: ProviderJob, finetuning: Finetuning | None) -> Verdict:
    """Say what becomes of a live job, given the finetuning that its metadata names."""
    if finetuning is None:
        return Verdict.ORPHAN
    own = finetuning.finetuning_job_id == job.id
    if finetuning.status.is_terminal:
        return Verdict.CONTRADICTION if own and not finetuning.wanted.stops else Verdict.ORPHAN
    if own:
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
        if not has_ended(job):
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
    if verdict in {Verdict.ORPHAN, Verdict.CONTRADICTION} and not has_ended(
        await provider.retrieve_job(job.id)
    ):
        stops = verdict is Verdict.ORPHAN and not dry_run
        log.warning("a provider job has no live finetuning", job=job.id, stops=stops)
        if stops:
            await _stop(engine, provider, job, finetuning)
        else:
            engine.metrics.orphans.labels(action="reported").inc()
    return verdict


async def _stop(
    engine: Engine, provider: FinetuningProvider, job: ProviderJob, finetuning: Finetuning | None
) -> None:
    """Stop the job, if it still is an orphan at this moment; what is read back is what is counted."""
    if finetuning is not None and await engine.upkeep.record_orphan(finetuning.id, job.id) is None:
        return
    await provider.cancel_job(job.id)
    stopped = has_ended(await provider.retrieve_job(job.id))
    engine.metrics.orphans.labels(action="stopped" if stopped else "asked_to_stop").inc()


async def _owner(engine: Engine, job: ProviderJob) -> Finetuning | None:
    finetuning_id = job.metadata.get(FINETUNING_ID_KEY, "")
    return await engine.store.read(ObjectId(finetuning_id)) if ObjectId.is_valid(finetuning_id) else None
