"""The sweep stops our live jobs without a live owner.

A job can lose its owner: its create call was answered after it had been given up, or two calls made a job
each. The sweep judges a job by the documents as they are after the provider's list. The mark of a create call
is stored before the call, so a job still being created is never taken for an orphan. Nothing is stopped on a
guess: a doubtful job is only reported.
"""

from collections import Counter
from datetime import timedelta
from enum import StrEnum

import structlog

from graphql_api.documents import Finetuning
from graphql_api.engine.engine import Account, Engine
from graphql_api.engine.ownership import Claimed, Listing, claimed, is_own
from graphql_api.engine.siblings import tell_lost_marks
from graphql_api.providers.port import FinetuningProvider, ProviderFault, ProviderJob

log = structlog.get_logger(__name__)

REACH = timedelta(days=7)
"""Jobs without our metadata are judged up to this age, counted from the account's newest job."""


class Verdict(StrEnum):
    """The decision on a live job of ours."""

    OWNED = "owned"
    ADOPT = "adopt"
    ORPHAN = "orphan"
    CONTRADICTION = "contradiction"
    """Its own finetuning has ended without a request for that: reported, never stopped."""
    UNTOLD = "untold"
    """It may be its finetuning's own, under an id seen only in the list: reported, never stopped."""
    FOREIGN = "foreign"
    """It trains on a file of ours, but we did not make it: reported, never stopped."""

    @property
    def is_reported(self) -> bool:
        """Whether the job is only reported."""
        return self in {Verdict.CONTRADICTION, Verdict.UNTOLD, Verdict.FOREIGN}


def judge(finetuning: Finetuning | None, *, own: bool | None, is_foreign: bool = False) -> Verdict:
    """Judge a live job by its finetuning; ``own`` says whether it is the finetuning's own, if known."""
    if finetuning is None:
        return Verdict.ORPHAN
    if is_foreign:
        return Verdict.FOREIGN
    if finetuning.status.is_terminal:
        asked = finetuning.wanted.stops or own is False
        return Verdict.ORPHAN if asked else Verdict.CONTRADICTION
    if own is not False:
        return Verdict.OWNED if own else Verdict.UNTOLD
    if finetuning.finetuning_job_id is None and finetuning.submission is not None:
        return Verdict.ADOPT
    return Verdict.ORPHAN


async def sweep(engine: Engine, account: Account, *, dry_run: bool = False) -> Counter[Verdict]:
    """Judge the account's live jobs of this deployment and act on them; a failing one stops no other.

    With ``dry_run`` orphans are only reported. Raises ``ProviderFault`` if the list cannot be read.
    """
    listing = Listing()
    async for job in account.provider.list_jobs(deployment_id=engine.deployment_id, reach=REACH):
        listing.add(job)
    verdicts: Counter[Verdict] = Counter()
    ours = await claimed(engine, listing, account=account.key)
    for found in ours:
        alike = [one.job for one in ours if one.finetuning_id == found.finetuning_id]
        try:
            verdict, finetuning = await _judged(engine, account, found, alike=alike, listing=listing)
            await _look_after(engine, account.provider, found.job, verdict, finetuning, stops=not dry_run)
        except ProviderFault as fault:
            log.warning("an orphan could not be stopped yet", job=found.job.id, reason=fault.message)
        else:
            verdicts[verdict] += 1
    return verdicts


async def _judged(
    engine: Engine,
    account: Account,
    found: Claimed,
    *,
    alike: list[ProviderJob],
    listing: Listing,
) -> tuple[Verdict, Finetuning | None]:
    """Judge the job by its finetuning as it is now."""
    finetuning = await engine.store.read(found.finetuning_id) if found.finetuning_id else None
    if finetuning is None:
        return judge(None, own=False), None
    if finetuning.account != account.key:  # two accounts may see the same jobs, for example by one key
        return Verdict.OWNED, None
    own = await is_own(account.provider, found.job, finetuning, alike=alike, listing=listing)
    is_foreign = found.by_file and own is False and finetuning.marks_kept is True
    return judge(finetuning, own=own, is_foreign=is_foreign), finetuning


async def _look_after(
    engine: Engine,
    provider: FinetuningProvider,
    job: ProviderJob,
    verdict: Verdict,
    finetuning: Finetuning | None,
    *,
    stops: bool,
) -> None:
    if finetuning is not None and verdict is Verdict.OWNED:
        await tell_lost_marks(engine, finetuning, job)
    if finetuning is not None and verdict is Verdict.ADOPT:
        await engine.upkeep.hint({"_id": finetuning.id})
    if verdict in {Verdict.OWNED, Verdict.ADOPT} or (await provider.retrieve_job(job.id)).status.is_terminal:
        return
    stops = stops and not verdict.is_reported
    log.warning("a provider job has no live finetuning", job=job.id, verdict=verdict.value, stops=stops)
    if stops:
        await _stop(engine, provider, job, finetuning)
    else:
        engine.metrics.orphans.labels(action="reported").inc()


async def _stop(
    engine: Engine, provider: FinetuningProvider, job: ProviderJob, finetuning: Finetuning | None
) -> None:
    """Stop the job, if it is still an orphan at this moment, and count it by its read-back status."""
    is_own = finetuning is not None and finetuning.finetuning_job_id == job.id
    why = "outlived its finetuning" if is_own else "is not this finetuning's own"
    told = f"Stopped by the sweep: the job {job.id} {why}."
    if finetuning is not None and await engine.upkeep.record_orphan(finetuning.id, job.id, told) is None:
        return
    await provider.cancel_job(job.id)
    stopped = (await provider.retrieve_job(job.id)).status.is_terminal
    engine.metrics.orphans.labels(action="stopped" if stopped else "asked_to_stop").inc()
