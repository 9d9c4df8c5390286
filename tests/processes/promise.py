"""The promise of a deployment after its faults.

It holds after any kill at any moment.
"""

from tests.processes.client import Answer, Client
from tests.processes.deployment import Deployment

JOB_OF = {"SUCCEEDED": "succeeded", "FAILED": "failed", "CANCELLED": "cancelled"}
"""The provider's status of an ended finetuning; any other has a live job, or no job yet."""


async def check_promise(deployment: Deployment, client: Client, *, finetunings: int) -> None:
    """Check that no finetuning is lost or lies, each had one job at most, and no job trains without one."""
    listed = {one["id"]: one for one in await client.list()}
    assert len(listed) == finetunings
    for finetuning in listed.values():
        check_finetuning(deployment, finetuning)
    live = {one["finetuningJobId"] for one in listed.values() if one["status"] not in JOB_OF}
    assert {job.id for job in deployment.live_jobs()} <= live


def check_finetuning(deployment: Deployment, finetuning: Answer) -> None:
    """Check one finetuning against the provider's own record."""
    creates = deployment.sandbox.calls.find("jobs.create", applied=True)
    made = [call for call in creates if finetuning["id"] in call.body["metadata"].values()]
    jobs = deployment.jobs_of(finetuning["id"])
    assert len(made) == len(jobs) <= 1
    assert [job.id for job in jobs] == [one for one in [finetuning["finetuningJobId"]] if one]
    if finetuning["status"] in JOB_OF:
        assert [str(job.status) for job in jobs] in ([], [JOB_OF[finetuning["status"]]])


async def check_cancelled(deployment: Deployment, client: Client, finetuning_id: str) -> Answer:
    """Wait for the finetuning's cancel, check that the provider agrees, and return it."""
    finetuning = await client.becomes(finetuning_id, "CANCELLED")
    check_finetuning(deployment, finetuning)
    assert finetuning["error"] == "Fine tuning cancelled by the user"
    assert finetuning["modelId"] is None
    return finetuning


async def check_trained(deployment: Deployment, client: Client, finetuning_id: str) -> Answer:
    """Wait for the finetuning's training, let it succeed, and return it with its model."""
    running = await client.becomes(finetuning_id, "RUNNING")
    job = deployment.sandbox.account.finish_job(running["finetuningJobId"])
    finetuning = await client.becomes(finetuning_id, "SUCCEEDED")
    check_finetuning(deployment, finetuning)
    assert finetuning["modelId"] == job.model_id
    return finetuning
