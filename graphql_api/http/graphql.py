"""The GraphQL endpoint: Strawberry's ASGI view with JSON errors, fast and strict JSON, and our context."""

from collections.abc import Callable
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL

from graphql_api.http.graphiql import GraphiQL
from graphql_api.http.middleware import request_id_of
from graphql_api.http.problems import code_of


class GraphQLView(GraphQL[Any, None]):
    """Serves one schema; ``context_for`` makes the resolvers' context from a request's id."""

    def __init__(self, schema: Schema, *, context_for: Callable[[str], Any], graphiql: GraphiQL) -> None:
        super().__init__(schema, subscription_protocols=())
        self._context_for = context_for
        self._graphiql = graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a request that is no GraphQL request gets GraphQL's error format, not plain text."""
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as refused:
            response = _error_response(refused.status_code, refused.reason)
        except StarletteHTTPException as refused:
            response = _error_response(refused.status_code, refused.detail)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """Return the resolvers' context."""
        return self._context_for(request_id_of(request.scope))

    async def render_graphql_ide(self, request: Request) -> Response:
        """Return the page for browsers."""
        return self._graphiql.page(request, instead=self.graphql_ide_html)

    def decode_json(self, data: str | bytes) -> Any:
        """Read a JSON object, strictly: no NaN, no lone surrogates, no other bodies."""
        try:
            decoded = orjson.loads(data)
        except JSONDecodeError as malformed:
            raise HTTPException(400, f"The JSON is malformed: {malformed}") from malformed
        if not isinstance(decoded, dict):
            raise HTTPException(400, "The JSON must be an object.")
        return decoded

    def encode_json(self, data: object) -> bytes:
        """Write JSON."""
        return orjson.dumps(data)


def _error_response(status: int, message: str) -> Response:
    body = {"errors": [{"message": message, "extensions": {"code": code_of(status)}}]}
    allow = {"allow": "GET, POST"} if status == HTTPStatus.METHOD_NOT_ALLOWED else None
    return Response(orjson.dumps(body), status_code=status, headers=allow, media_type="application/json")
