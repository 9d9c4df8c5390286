"""A job's plan, and how a cancel changes it."""

import pytest

from graphql_api.sandbox.together.jobs import Job, JobStatus, Step


def step(at: float, status: JobStatus) -> Step:
    """Return a step of a plan."""
    return Step(at=at, status=status, event="job_start", message="-")


def begun() -> Job:
    """Return a job that completes after ten seconds."""
    job = Job(
        id="ft-1",
        created_at=0,
        model="m",
        training_file="file-1",
        suffix=None,
        n_epochs=1,
        batch_size="max",
        learning_rate=1e-5,
        output_name="me/m",
        plan=[step(0, JobStatus.PENDING), step(5, JobStatus.RUNNING), step(10, JobStatus.COMPLETED)],
    )
    job.settle(0)
    return job


@pytest.mark.parametrize(
    ("ends_at", "end"), [(9.0, JobStatus.CANCELLED), (10.0, JobStatus.CANCELLED), (12.0, JobStatus.COMPLETED)]
)
def test_a_cancel_is_half_way_and_can_come_too_late(ends_at: float, end: JobStatus) -> None:
    """An end due before the cancel takes effect comes all the same."""
    job = begun()
    job.settle(6)
    job.request_cancel(6, ending=step(ends_at, JobStatus.CANCELLED))
    assert (job.status, job.status.is_terminal, job.updated_at) == (JobStatus.CANCEL_REQUESTED, False, 6)
    job.settle(20)
    assert (job.status, job.status.is_terminal) == (end, True)


def test_only_an_error_is_told_as_one() -> None:
    """The level of a line comes from its status."""
    assert step(0, JobStatus.ERROR).level == "error"
    assert step(0, JobStatus.CANCELLED).level == "info"


def test_a_finished_job_has_gone_through_its_whole_plan() -> None:
    """All its steps at once, or one in their place."""
    whole, short = begun(), begun()
    whole.finish(3)
    assert [(one.at, one.status) for one in whole.history[1:]] == [
        (3, JobStatus.RUNNING),
        (3, JobStatus.COMPLETED),
    ]
    short.finish(3, ending=step(9, JobStatus.ERROR))
    assert [one.status for one in short.history] == [JobStatus.PENDING, JobStatus.ERROR]
