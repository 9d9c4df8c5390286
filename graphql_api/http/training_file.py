"""``GET /api/v1/finetunings/{finetuning_id}/training-file``: the training data, byte for byte."""

from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from graphql_api.audit.attempts import named
from graphql_api.caller import Caller
from graphql_api.catalogue.frozen_file import FrozenFile
from graphql_api.documents import AuditTargetKind
from graphql_api.errors import ExpectedError
from graphql_api.http.authentication import attempt_of, audit_of, caller_with
from graphql_api.http.digest_header import DIGEST_HEADER
from graphql_api.scopes import Scope
from graphql_api.store.database import StoreError

log = structlog.get_logger(__name__)

FindFile = Callable[..., Awaitable[FrozenFile]]

ACTION = "rest training file"
"""The audit's name of the call."""
MEDIA_TYPE = "application/jsonl"


def training_file_endpoint(find_file: FindFile) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint; it refuses before the first byte, and breaks off for what happens after it."""

    async def endpoint(request: Request) -> Response:
        finetuning_id = request.path_params["finetuning_id"]
        targets = named([(AuditTargetKind.FINETUNING, finetuning_id)])
        caller = caller_with(
            Scope.FINETUNINGS_READ,
            Scope.GOLDEN_RECORDS_READ,
            of=request.scope,
            endpoint="This endpoint",
            action=ACTION,
            targets=targets,
        )
        attempt = attempt_of(request.scope, caller, action=ACTION, targets=targets)
        opening: Awaitable[Response] = _opened(find_file, finetuning_id, caller=caller)
        if (audit := audit_of(request.scope)) is not None:
            opening = audit.around(attempt, opening)
        return await opening

    return endpoint


class _Download(StreamingResponse):
    """An answer that is left without its end if the file cannot be read to its end."""

    async def stream_response(self, send: Send) -> None:
        """Send the pieces; the server then closes the connection, and every client notices."""
        try:
            await super().stream_response(send)
        except (ExpectedError, StoreError) as problem:
            log.warning("a training file was broken off", why=type(problem).__name__)


async def _opened(find_file: FindFile, finetuning_id: str, *, caller: Caller) -> Response:
    file = await find_file(finetuning_id, caller=caller)
    await file.verify()
    pieces = file.pieces()
    first = await anext(pieces)  # of a small file, all of it: nothing can happen to that any more
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Length": str(file.dataset.size_bytes),
        DIGEST_HEADER: file.dataset.sha256,
    }
    return _Download(_begun(first, pieces), headers=headers, media_type=MEDIA_TYPE)


async def _begun(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece
