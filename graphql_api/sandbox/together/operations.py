"""Together AI's operations, each as a handler on the account."""

from starlette.requests import Request

from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.files import StoredFile, read_upload
from graphql_api.sandbox.requests import accents_of, json_of
from graphql_api.sandbox.stand_in import Json, Operation
from graphql_api.sandbox.together import wire
from graphql_api.sandbox.together.account import Account
from graphql_api.sandbox.together.jobs import Job
from graphql_api.sandbox.together.submission import read_submission

PURPOSES = frozenset({"fine-tune", "calibration", "eval", "batch-api"})


async def create_file(account: Account, request: Request) -> Json:
    """Store an upload."""
    content_type = request.headers.get("content-type", "")
    upload = read_upload(await request.body(), content_type=content_type, purposes=PURPOSES)
    is_unusable = FaultKind.FILE_UNUSABLE in accents_of(request)
    return _file(account.add_file(upload, is_unusable=is_unusable), account)


async def list_files(account: Account, _: Request) -> Json:
    """List all files."""
    return wire.listing([_file(file, account) for file in account.files()])


async def retrieve_file(account: Account, request: Request) -> Json:
    """Describe one file."""
    return _file(account.file(request.path_params["file_id"]), account)


async def delete_file(account: Account, request: Request) -> Json:
    """Remove one file."""
    file_id = request.path_params["file_id"]
    account.delete_file(file_id)
    return {"id": file_id, "deleted": True}


async def create_job(account: Account, request: Request) -> Json:
    """Make a job, or two if creates are repeated."""
    accents, submission = accents_of(request), read_submission(await json_of(request))
    if FaultKind.SUFFIX_DROPPED in accents:
        submission = submission.model_copy(update={"suffix": None})
    if FaultKind.CREATE_REPEATED in accents:
        account.create_job(submission)
    return wire.short_job(account.create_job(submission))


async def list_jobs(account: Account, request: Request) -> Json:
    """List all jobs, newest first or in the other order."""
    jobs = account.jobs() if FaultKind.OLDEST_FIRST in accents_of(request) else account.jobs()[::-1]
    return wire.listing([wire.short_job(job) for job in jobs])


async def retrieve_job(account: Account, request: Request) -> Json:
    """Describe one job in full."""
    return wire.full_job(_job(account, request))


async def cancel_job(account: Account, request: Request) -> Json:
    """Ask a job to stop."""
    return wire.short_job(account.cancel_job(request.path_params["job_id"]))


async def list_events(account: Account, request: Request) -> Json:
    """List a job's whole log, oldest first."""
    return wire.listing(wire.event_objects(_job(account, request)))


async def list_checkpoints(account: Account, request: Request) -> Json:
    """List a job's checkpoints."""
    return wire.listing(wire.checkpoint_objects(_job(account, request)))


def _job(account: Account, request: Request) -> Job:
    return account.job(request.path_params["job_id"])


def _file(file: StoredFile, account: Account) -> Json:
    return wire.file_object(file, now=account.clock.now())


OPERATIONS = (
    Operation("files.create", "POST", "/files/upload", create_file),
    Operation("files.list", "GET", "/files", list_files),
    Operation("files.retrieve", "GET", "/files/{file_id}", retrieve_file),
    Operation("files.delete", "DELETE", "/files/{file_id}", delete_file),
    Operation("jobs.create", "POST", "/fine-tunes", create_job),
    Operation("jobs.list", "GET", "/fine-tunes", list_jobs),
    Operation("jobs.retrieve", "GET", "/fine-tunes/{job_id}", retrieve_job),
    Operation("jobs.cancel", "POST", "/fine-tunes/{job_id}/cancel", cancel_job),
    Operation("jobs.events", "GET", "/fine-tunes/{job_id}/events", list_events),
    Operation("jobs.checkpoints", "GET", "/fine-tunes/{job_id}/checkpoints", list_checkpoints),
)
