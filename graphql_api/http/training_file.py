"""``GET /api/v1/finetunings/{finetuning_id}/training-file``: the training data, byte for byte."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from graphql_api.audit.attempts import named
from graphql_api.caller import Caller
from graphql_api.catalogue.frozen_file import FrozenFile
from graphql_api.documents import AuditTargetKind
from graphql_api.http.authentication import attempt_of, audit_of, caller_with
from graphql_api.scopes import Scope

FindFile = Callable[..., Awaitable[FrozenFile]]

ACTION = "rest training file"
"""The audit's name of the call."""
DIGEST_HEADER = "Training-File-SHA256"
"""The digest of the file itself, in hexadecimal; an answer may be compressed on its way."""
MEDIA_TYPE = "application/jsonl"


def training_file_endpoint(find_file: FindFile) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint; it refuses before the first byte, and breaks off if anything changes after it."""

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
        finding: Awaitable[FrozenFile] = _verified(find_file, finetuning_id, caller=caller)
        if (audit := audit_of(request.scope)) is not None:
            finding = audit.around(attempt, finding)
        return _answer(await finding)

    return endpoint


async def _verified(find_file: FindFile, finetuning_id: str, *, caller: Caller) -> FrozenFile:
    file = await find_file(finetuning_id, caller=caller)
    await file.verify()
    return file


def _answer(file: FrozenFile) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Length": str(file.dataset.size_bytes),
        DIGEST_HEADER: file.dataset.sha256,
    }
    return StreamingResponse(file.pieces(), headers=headers, media_type=MEDIA_TYPE)
