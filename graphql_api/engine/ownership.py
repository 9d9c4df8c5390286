"""The owners of listed jobs, by metadata or training file.

A list may show another id than the create call's answer. So an id unknown to a finetuning proves a second job
only if the provider is known to keep its ids.
"""

from dataclasses import dataclass, field

from graphql_api.documents import AccountKey, Finetuning, ObjectId
from graphql_api.engine.engine import Engine
from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    FINETUNING_ID_KEY,
    FinetuningProvider,
    ProviderFault,
    ProviderJob,
    UnknownJobError,
)


@dataclass(slots=True, kw_only=True)
class Listing:
    """The provider's list: the ids of all jobs, and the live jobs."""

    ids: set[str] = field(default_factory=set)
    live: list[ProviderJob] = field(default_factory=list)

    def add(self, job: ProviderJob) -> None:
        """Add one job."""
        self.ids.add(job.id)
        if not job.status.is_terminal:
            self.live.append(job)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A live job of ours; ``finetuning_id`` is ``None`` if its metadata has no valid one."""

    job: ProviderJob
    finetuning_id: ObjectId | None
    by_file: bool


async def claimed(engine: Engine, listing: Listing, *, account: AccountKey) -> list[Claimed]:
    """Return the account's live jobs of this deployment: by their metadata, else by a training file of ours.

    Metadata counts for more than the file: a job with another finetuning's or deployment's id is not ours.
    """
    unmarked = [job for job in listing.live if DEPLOYMENT_KEY not in job.metadata]
    owners = await engine.upkeep.owners_of([job.training_file_id for job in unmarked], account=account)
    return [found for job in listing.live if (found := _claim(job, engine.deployment_id, owners)) is not None]


def _claim(job: ProviderJob, deployment_id: str, owners: dict[str, ObjectId]) -> Claimed | None:
    named = job.metadata.get(FINETUNING_ID_KEY)
    if DEPLOYMENT_KEY in job.metadata:
        if job.metadata[DEPLOYMENT_KEY] != deployment_id:
            return None
        named_id = ObjectId(named) if ObjectId.is_valid(named or "") else None
        return Claimed(job=job, finetuning_id=named_id, by_file=False)
    owner = owners.get(job.training_file_id)
    if owner is None or named not in {None, str(owner)}:
        return None
    return Claimed(job=job, finetuning_id=owner, by_file=True)


async def is_own(
    provider: FinetuningProvider,
    job: ProviderJob,
    finetuning: Finetuning,
    *,
    alike: list[ProviderJob],
    listing: Listing,
) -> bool | None:
    """Return whether the live job is the finetuning's own; ``None`` if it is unknown.

    ``alike`` are all the live jobs of the finetuning. Two entries of one list are two jobs. If the list does
    not have the finetuning's own job id, the provider is asked for the job by that id. If that job has ended,
    a live one is another. If it lives, it is the only live entry, or of several the one created at its time.
    """
    own_id = finetuning.finetuning_job_id
    if own_id is None or own_id in listing.ids:
        return job.id == own_id
    try:
        own = await provider.retrieve_job(own_id)
    except UnknownJobError:
        return True if alike == [job] else None
    if own.status.is_terminal:
        return False
    if alike == [job]:
        return True
    made_then = [one for one in alike if one.created_at == own.created_at]
    return made_then == [job] if len(made_then) == 1 else None


async def stopped_as(engine: Engine, held: Finetuning, job: ProviderJob) -> str | None:
    """Return the other id of the finetuning's own job, if we stopped it by mistake as an orphan."""
    for job_id in held.orphaned_jobs:
        try:
            orphan = await (await engine.provider_of(held)).retrieve_job(job_id)
        except ProviderFault:
            continue
        if (orphan.created_at, orphan.finished_at) == (job.created_at, job.finished_at):
            return job_id
    return None
