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

from graphql_api.sandbox.control import control_routes
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.exchange import Exchange
from graphql_api.sandbox.misbehaviour import misbehave
from graphql_api.sandbox.stand_in import Operation, StandIn

BRAND_HEADER = ("x-sandbox", "finetuning-graphql-api")


def sandbox_app(sandbox: StandIn) -> ASGIApp:
    """Return the application: the provider's API under ``/v1``, the owner's controls under ``/sandbox``."""
    routes = [
        Route(f"/v1{operation.path}", _Endpoint(sandbox, operation), methods=[operation.method])
        for operation in sandbox.operations
    ]
    return _Branded(
        Starlette(
            routes=[*routes, *control_routes(sandbox)],
            exception_handlers={HTTPException: _unknown_url, ApiError: _refused},
        )
    )


class _Endpoint:
    """An operation's endpoint: records the call, and answers it with the next fault or honestly."""

    def __init__(self, sandbox: StandIn, operation: Operation) -> None:
        self._sandbox = sandbox
        self._name = operation.name
        self._handler = operation.handler

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
