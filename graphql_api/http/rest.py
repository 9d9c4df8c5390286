"""``POST /api/v1/finetunings/{finetuning_id}/cancel``: the cancel over REST."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graphql_api.audit.attempts import named
from graphql_api.audit.call_log import logged
from graphql_api.caller import Caller
from graphql_api.documents import AuditTargetKind, Finetuning
from graphql_api.errors import BadUserInputError
from graphql_api.http.accept import unreadable
from graphql_api.http.authentication import attempt_of, audit_of, caller_with
from graphql_api.http.origins import forbidden, is_foreign
from graphql_api.scopes import Scope

Cancel = Callable[..., Awaitable[Finetuning]]

ACTION = "rest cancel"
"""The audit's name of the call."""

FIELDS = {
    "id",
    "db_connection_id",
    "alias",
    "status",
    "error",
    "base_llm",
    "finetuning_file_id",
    "finetuning_job_id",
    "model_id",
    "created_at",
    "golden_records",
    "metadata",
}
"""The answer's fields of a finetuning, in snake_case and with lower-case statuses."""


def cancel_endpoint(
    cancel: Cancel, *, origins: Collection[str] = ()
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: 200 for a confirmed cancel, 202 for a recorded but unconfirmed one.

    Of other sites' pages, only those of ``origins`` may use it.
    """

    async def endpoint(request: Request) -> Response:
        if is_foreign(request.headers, named=origins):
            return forbidden(request.headers)
        finetuning_id = request.path_params["finetuning_id"]
        targets = named([(AuditTargetKind.FINETUNING, finetuning_id)])
        caller = caller_with(
            Scope.FINETUNINGS_CANCEL,
            of=request.scope,
            endpoint="This endpoint",
            action=ACTION,
            targets=targets,
        )
        body = await _body(request)
        attempt = attempt_of(request.scope, caller, action=ACTION, targets=targets)
        doing: Awaitable[Finetuning] = logged(attempt, _cancelled(cancel, finetuning_id, body, caller=caller))
        if (audit := audit_of(request.scope)) is not None:
            doing = audit.around(attempt, doing)
        finetuning = await doing
        status = 200 if finetuning.status.is_terminal else 202
        shown = finetuning.model_dump(mode="json", include=FIELDS)
        return Response(orjson.dumps(shown), status_code=status, media_type="application/json")

    return endpoint


async def _cancelled(
    cancel: Cancel, finetuning_id: str, body: Mapping[str, Any], *, caller: Caller
) -> Finetuning:
    if body.get("finetuning_id", finetuning_id) != finetuning_id:
        raise BadUserInputError(
            "finetuning_id differs between the path and the body.", argument="finetuning_id"
        )
    return await cancel(finetuning_id, metadata=body.get("metadata"), caller=caller)


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body; raises ``HTTPException`` for a request of another media type.

    Even without a body: a form of another site's page could send that, but cannot name this type.
    """
    if wrong := unreadable(request.headers):
        raise HTTPException(415, wrong)
    return _object(await request.body())


def _object(body: bytes) -> dict[str, Any]:
    """Return the body's JSON object; an empty body is an empty object."""
    try:
        decoded = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as malformed:
        raise BadUserInputError(f"The body is not JSON: {malformed}.") from malformed
    if not isinstance(decoded, dict):
        raise BadUserInputError("The body must be a JSON object.")
    return decoded
