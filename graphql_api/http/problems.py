"""Errors of plain HTTP endpoints, as problem details (RFC 9457).

Their codes are the same as GraphQL's.
"""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from graphql_api.errors import INTERNAL, MASKED, ExpectedError, StoreUnavailableError
from graphql_api.http.request_ids import request_id_of
from graphql_api.store.database import is_unavailable

log = structlog.get_logger(__name__)

STATUS_OF_CODE = {
    "BAD_USER_INPUT": 400,
    "DATASET_CHANGED": 409,
    "DATASET_NOT_FROZEN": 409,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "FINETUNING_NOT_FOUND": 404,
    "FINETUNING_NOT_CANCELLABLE": 409,
    "FINETUNING_NOT_STUCK": 409,
    "ISSUER_UNAVAILABLE": 503,
    "RATE_LIMITED": 429,
    "STORE_UNAVAILABLE": 503,
}
"""The HTTP status of each code of a plain endpoint."""

OWN_CODES = {401: "UNAUTHENTICATED", 413: "CONTENT_TOO_LARGE", 414: "URI_TOO_LONG"}
"""The codes of statuses with another name in Python; its names of 413 and 414 depend on the version."""

RETRY_AFTER_S = 5
"""The wait after a 503; a replica set elects a new primary in about this time."""


def problem(status: int, *, code: str, detail: str, **members: object) -> Response:
    """Return a problem+json answer."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code, **members}
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers=headers_of(status),
        media_type="application/problem+json",
    )


def headers_of(status: int) -> dict[str, str]:
    """Return the headers that belong to a status: when to come again, or how to authenticate."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}


def wait_of(details: Mapping[str, object]) -> dict[str, str]:
    """Return the header of an error's own wait, if it has one."""
    return {"Retry-After": str(details["retryAfter"])} if "retryAfter" in details else {}


def code_of(status: int) -> str:
    """Return the default code of a status."""
    return OWN_CODES.get(status, HTTPStatus(status).name)


async def expected(_: Request, error: Exception) -> Response:
    """Answer an expected failure, with its message."""
    assert isinstance(error, ExpectedError)  # noqa: S101  registered for it alone
    response = problem(
        STATUS_OF_CODE[error.code], code=error.code, detail=error.message, **_members(error.details)
    )
    response.headers.update(wait_of(error.details))
    return response


async def refused(_: Request, error: Exception) -> Response:
    """Answer a refused request, such as one without an endpoint, in the same format."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it alone
    response = problem(error.status_code, code=code_of(error.status_code), detail=error.detail)
    response.headers.update(error.headers or {})
    return response


async def unexpected(request: Request, error: Exception) -> Response:
    """Answer any other failure without its details; the log has them, under the id in the answer."""
    if is_unavailable(error):
        return await expected(request, StoreUnavailableError())
    request_id = request_id_of(request.scope)
    log.error("unexpected error", request_id=request_id, path=request.scope["path"], exc_info=error)
    return problem(500, code=INTERNAL, detail=MASKED, request_id=request_id)


async def gone(_: Request, __: Exception) -> Response:
    """End a request after its client hung up in the middle of it; no client reads this answer."""
    return problem(400, code="BAD_REQUEST", detail="The client went away.")


async def no_socket(websocket: WebSocket) -> None:
    """Refuse a WebSocket on a path without one; like every answer, the refusal has a body and an id."""
    await websocket.send_denial_response(problem(404, code="NOT_FOUND", detail="Not Found"))


def _members(details: Mapping[str, object]) -> dict[str, object]:
    """Return the details in snake_case and, as everywhere in REST, with the status in lower case.

    A finetuning's status is called ``finetuning_status`` here: a problem's ``status`` is HTTP's.
    """
    members = {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): details[key] for key in details}
    if "status" in members:
        members["finetuning_status"] = str(members.pop("status")).lower()
    return members
