"""Errors of the plain HTTP endpoints, as problem details (RFC 9457) with the same codes as GraphQL's."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from graphql_api.errors import INTERNAL, MASKED, ExpectedError, StoreUnavailableError
from graphql_api.http.middleware import request_id_of
from graphql_api.store.database import is_unavailable

log = structlog.get_logger(__name__)

STATUS_OF_CODE = {
    "BAD_USER_INPUT": 400,
    "FINETUNING_NOT_FOUND": 404,
    "FINETUNING_NOT_CANCELLABLE": 409,
    "FINETUNING_NOT_STUCK": 409,
    "STORE_UNAVAILABLE": 503,
}
"""The HTTP status of each code that a plain endpoint can answer."""

RETRY_AFTER_S = 5
"""When to ask again after a 503; a replica set elects a new primary in about that time."""


def problem(status: int, *, code: str, detail: str, **members: object) -> Response:
    """Return a problem+json answer."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code, **members}
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers=retry_after(status),
        media_type="application/problem+json",
    )


def retry_after(status: int) -> dict[str, str]:
    """Return the header that says when to ask again, for the status that it can help with."""
    return {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def code_of(status: int) -> str:
    """Return the code of a refusal that has none of its own; what Python calls 413 depends on its version."""
    return "CONTENT_TOO_LARGE" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else HTTPStatus(status).name


async def expected(_: Request, error: Exception) -> Response:
    """Answer a failure that the client is told about."""
    assert isinstance(error, ExpectedError)  # noqa: S101  registered for it alone
    return problem(
        STATUS_OF_CODE[error.code], code=error.code, detail=error.message, **_members(error.details)
    )


async def refused(_: Request, error: Exception) -> Response:
    """Answer a request that no endpoint takes, in the same format."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it alone
    response = problem(error.status_code, code=code_of(error.status_code), detail=error.detail)
    response.headers.update(error.headers or {})
    return response


async def unexpected(request: Request, error: Exception) -> Response:
    """Answer any other failure without its details, which are logged with the id that the client gets."""
    if is_unavailable(error):
        return await expected(request, StoreUnavailableError())
    request_id = request_id_of(request.scope)
    log.error("unexpected error", request_id=request_id, path=request.url.path, exc_info=error)
    return problem(500, code=INTERNAL, detail=MASKED, request_id=request_id)


async def gone(_: Request, __: Exception) -> Response:
    """End a request whose client hung up while sending it: nobody is there to be answered."""
    return problem(400, code="BAD_REQUEST", detail="The client went away.")


async def no_socket(websocket: WebSocket) -> None:
    """Refuse a WebSocket where there is none, with a body and an id as every other answer has them."""
    await websocket.send_denial_response(problem(404, code="NOT_FOUND", detail="Not Found"))


def _members(details: Mapping[str, object]) -> dict[str, object]:
    """Return the details in snake_case and, as everywhere in REST, with the status in lower case.

    It is called ``finetuning_status``: the ``status`` of a problem is HTTP's.
    """
    members = {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): details[key] for key in details}
    if "status" in members:
        members["finetuning_status"] = str(members.pop("status")).lower()
    return members
