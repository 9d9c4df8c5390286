"""OpenAI's operations, each as a handler on the account."""

from collections.abc import Callable
from operator import attrgetter, itemgetter, methodcaller

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.files import StoredFile, read_upload
from graphql_api.sandbox.openai import pages, wire
from graphql_api.sandbox.openai.accents import (
    LISTED,
    heard,
    listed,
    spoken_file,
    spoken_job,
    with_ids_of,
)
from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.jobs import Job
from graphql_api.sandbox.openai.missing import model_not_found
from graphql_api.sandbox.openai.submission import read_submission
from graphql_api.sandbox.openai.wire import Json
from graphql_api.sandbox.requests import accents_of, json_of
from graphql_api.sandbox.stand_in import Operation

PURPOSES = frozenset({"assistants", "batch", "fine-tune", "vision", "user_data", "evals"})
FILE_LIST_LIMIT = 10_000
ORDERS = ["asc", "desc"]
JOB_LIST_LIMIT = 100
EVENT_LIST_LIMIT = 100


async def create_file(account: Account, request: Request) -> Json:
    """Store an upload."""
    content_type = request.headers.get("content-type", "")
    upload = read_upload(await request.body(), content_type=content_type, purposes=PURPOSES)
    is_unusable = FaultKind.FILE_UNUSABLE in accents_of(request)
    return _file(account.add_file(upload, is_unusable=is_unusable), account, request)


async def list_files(account: Account, request: Request) -> Json:
    """List the files, newest first or as ``order`` says."""
    query = request.query_params
    files = [file for file in account.files() if query.get("purpose") in {None, file.purpose}]
    if query.get("order", "desc") not in ORDERS:
        raise ApiError(f"Invalid 'order': expected one of {ORDERS}.", param="order", code="invalid_value")
    ordered = files if query.get("order") == "asc" else files[::-1]
    page = pages.cut(
        ordered, request, id_of=attrgetter("id"), default_limit=FILE_LIST_LIMIT, max_limit=FILE_LIST_LIMIT
    )
    return wire.bounded_list(
        [_file(file, account, request) for file in page.rows], has_more=page.has_more, nobody=""
    )


async def retrieve_file(account: Account, request: Request) -> Json:
    """Describe one file."""
    return _file(account.file(request.path_params["file_id"]), account, request)


async def download_file(account: Account, request: Request) -> Response:
    """Return a file's bytes."""
    file = account.file(request.path_params["file_id"])
    return Response(file.content, media_type="application/octet-stream")


async def delete_file(account: Account, request: Request) -> Json:
    """Remove one file."""
    file_id = request.path_params["file_id"]
    account.delete_file(file_id)
    return wire.deletion(file_id, kind="file")


async def create_job(account: Account, request: Request) -> Json:
    """Make a job, or two if creates are repeated."""
    accents = accents_of(request)
    submission = read_submission(heard(await json_of(request), accents))
    if FaultKind.CREATE_REPEATED in accents:
        account.create_job(submission)
    return spoken_job(account.create_job(submission), accents)


async def list_jobs(account: Account, request: Request) -> Json:
    """List the jobs with the requested metadata, newest first."""
    accents, query = accents_of(request), request.query_params
    takes_all = FaultKind.FILTER_IGNORED in accents
    wanted = [job for job in account.jobs() if takes_all or pages.is_wanted(job.metadata, query)]
    rows = [listed(spoken_job(job, accents), accents) for job in wanted]
    page = pages.cut(rows, request, id_of=itemgetter("id"), default_limit=20, max_limit=JOB_LIST_LIMIT)
    return wire.listing(page.rows, has_more=page.has_more)


async def retrieve_job(account: Account, request: Request) -> Json:
    """Describe one job under the requested id."""
    return _named(request, account.job)


async def cancel_job(account: Account, request: Request) -> Json:
    """Cancel the job with the requested id."""
    return _named(request, account.cancel_job)


async def pause_job(account: Account, request: Request) -> Json:
    """Pause a job."""
    return spoken_job(account.pause_job(request.path_params["job_id"]), accents_of(request))


async def resume_job(account: Account, request: Request) -> Json:
    """Resume a paused job."""
    return spoken_job(account.resume_job(request.path_params["job_id"]), accents_of(request))


async def list_events(account: Account, request: Request) -> Json:
    """List a job's log, newest first."""
    lines = wire.event_objects(account.job(request.path_params["job_id"]))
    rows = with_ids_of(lines, accents_of(request))
    page = pages.cut(
        rows, request, id_of=methodcaller("get", "id"), default_limit=20, max_limit=EVENT_LIST_LIMIT
    )
    return wire.listing(page.rows, has_more=page.has_more)


async def list_checkpoints(account: Account, request: Request) -> Json:
    """List a job's checkpoints, newest first."""
    rows = wire.checkpoint_objects(account.job(request.path_params["job_id"]))
    page = pages.cut(rows, request, id_of=itemgetter("id"), default_limit=10, max_limit=EVENT_LIST_LIMIT)
    return wire.bounded_list(page.rows, has_more=page.has_more)


async def list_models(account: Account, _: Request) -> Json:
    """List the base models and the account's own."""
    rows = [wire.model_object(model, created_at=at) for model, at in account.models().items()]
    return {"object": "list", "data": rows}


async def retrieve_model(account: Account, request: Request) -> Json:
    """Describe one model."""
    model, models = request.path_params["model"], account.models()
    if model not in models:
        raise model_not_found(model)
    return wire.model_object(model, created_at=models[model])


async def delete_model(account: Account, request: Request) -> Json:
    """Delete one of the account's own models."""
    model = request.path_params["model"]
    account.delete_model(model)
    return wire.deletion(model, kind="model")


def _named(request: Request, operation: Callable[[str], Job]) -> Json:
    asked: str = request.path_params["job_id"]
    return spoken_job(operation(asked.removeprefix(LISTED)), accents_of(request)) | {"id": asked}


def _file(file: StoredFile, account: Account, request: Request) -> Json:
    return spoken_file(file, accents_of(request), now=account.clock.now())


OPERATIONS = (
    Operation("files.create", "POST", "/files", create_file),
    Operation("files.list", "GET", "/files", list_files),
    Operation("files.retrieve", "GET", "/files/{file_id}", retrieve_file),
    Operation("files.content", "GET", "/files/{file_id}/content", download_file),
    Operation("files.delete", "DELETE", "/files/{file_id}", delete_file),
    Operation("jobs.create", "POST", "/fine_tuning/jobs", create_job),
    Operation("jobs.list", "GET", "/fine_tuning/jobs", list_jobs),
    Operation("jobs.retrieve", "GET", "/fine_tuning/jobs/{job_id}", retrieve_job),
    Operation(
        name="jobs.cancel", method="POST", path="/fine_tuning/jobs/{job_id}/cancel", handler=cancel_job
    ),
    Operation("jobs.pause", "POST", "/fine_tuning/jobs/{job_id}/pause", pause_job),
    Operation(
        name="jobs.resume", method="POST", path="/fine_tuning/jobs/{job_id}/resume", handler=resume_job
    ),
    Operation(
        name="jobs.events", method="GET", path="/fine_tuning/jobs/{job_id}/events", handler=list_events
    ),
    Operation(
        name="jobs.checkpoints",
        method="GET",
        path="/fine_tuning/jobs/{job_id}/checkpoints",
        handler=list_checkpoints,
    ),
    Operation("models.list", "GET", "/models", list_models),
    Operation("models.retrieve", "GET", "/models/{model}", retrieve_model),
    Operation("models.delete", "DELETE", "/models/{model}", delete_model),
)
