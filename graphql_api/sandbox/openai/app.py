"""The sandbox as an ASGI application, with its routes."""

import json
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.sandbox.openai import operations
from graphql_api.sandbox.openai.control import control_routes
from graphql_api.sandbox.openai.errors import ApiError
from graphql_api.sandbox.openai.exchange import Exchange, Handler
from graphql_api.sandbox.openai.misbehaviour import misbehave
from graphql_api.sandbox.openai.sandbox import Sandbox

BRAND_HEADER = ("x-sandbox", "finetuning-graphql-api")

OPERATIONS: tuple[tuple[str, str, str, Handler], ...] = (
    ("files.create", "POST", "/files", operations.create_file),
    ("files.list", "GET", "/files", operations.list_files),
    ("files.retrieve", "GET", "/files/{file_id}", operations.retrieve_file),
    ("files.content", "GET", "/files/{file_id}/content", operations.download_file),
    ("files.delete", "DELETE", "/files/{file_id}", operations.delete_file),
    ("jobs.create", "POST", "/fine_tuning/jobs", operations.create_job),
    ("jobs.list", "GET", "/fine_tuning/jobs", operations.list_jobs),
    ("jobs.retrieve", "GET", "/fine_tuning/jobs/{job_id}", operations.retrieve_job),
    ("jobs.cancel", "POST", "/fine_tuning/jobs/{job_id}/cancel", operations.cancel_job),
    ("jobs.pause", "POST", "/fine_tuning/jobs/{job_id}/pause", operations.pause_job),
    ("jobs.resume", "POST", "/fine_tuning/jobs/{job_id}/resume", operations.resume_job),
    ("jobs.events", "GET", "/fine_tuning/jobs/{job_id}/events", operations.list_events),
    ("jobs.checkpoints", "GET", "/fine_tuning/jobs/{job_id}/checkpoints", operations.list_checkpoints),
    ("models.list", "GET", "/models", operations.list_models),
    ("models.retrieve", "GET", "/models/{model}", operations.retrieve_model),
    ("models.delete", "DELETE", "/models/{model}", operations.delete_model),
)
"""An operation's name in faults and calls, its method, its path under ``/v1``, its handler."""


def sandbox_app(sandbox: Sandbox) -> ASGIApp:
    """Return the application: OpenAI's API under ``/v1``, the owner's controls under ``/sandbox``."""
    routes = [
        Route(f"/v1{path}", _Operation(sandbox, name=name, handler=handler), methods=[method])
        for name, method, path, handler in OPERATIONS
    ]
    return _Branded(
        Starlette(
            routes=[*routes, *control_routes(sandbox)],
            exception_handlers={HTTPException: _unknown_url, ApiError: _refused},
        )
    )


class _Operation:
    """An operation's endpoint: records the call, and answers it with the next fault or honestly."""

    def __init__(self, sandbox: Sandbox, *, name: str, handler: Handler) -> None:
        self._sandbox = sandbox
        self._name = name
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        call = self._sandbox.calls.add(
            self._name,
            at=self._sandbox.account.clock.now(),
            ids=dict(request.path_params),
            request_id=request.state.request_id,
            body=_json(body),
        )
        request.state.accents = self._sandbox.faults.take_accents(self._name)
        call.accents = sorted(request.state.accents)
        exchange = Exchange(
            sandbox=self._sandbox, handler=self._handler, request=request, send=send, call=call
        )
        try:
            if fault := self._sandbox.faults.take(self._name):
                await misbehave(exchange, fault)
            else:
                await exchange.reply(await exchange.apply())
        finally:
            call.ended = True
            self._sandbox.calls.note_change()


class _Branded:
    """Adds headers to every answer: a mark of the sandbox, and the request's id, as OpenAI does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = f"req_sandbox{secrets.token_hex(12)}"

        async def branded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append(*BRAND_HEADER)
                headers.append("x-request-id", request_id)
            await send(message)

        scope.setdefault("state", {})["request_id"] = request_id
        await self._app(scope, receive, branded_send)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def _unknown_url(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    message = f"Unknown request URL: {request.method} {request.url.path}."
    return ApiError(message, status=status, code="unknown_url").response()


async def _refused(_: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, ApiError) else ApiError(str(error), status=500)
    return refusal.response()
