"""The GraphQL endpoint by the rules of GraphQL over HTTP."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.http.ides import get_graphql_ide_html
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graphql_api.access.endings import Watch
from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.gate import OPEN
from graphql_api.caller import Caller
from graphql_api.document_errors import (
    OperationUnresolvedError,
)
from graphql_api.errors import (
    METHOD_NOT_ALLOWED,
    ExpectedError,
)
from graphql_api.http.accept import EVENT_STREAM, GRAPHQL_RESPONSE, HTML, JSON, negotiate
from graphql_api.http.authentication import caller_of
from graphql_api.http.graphql.event_stream import EventStream
from graphql_api.http.graphql.graphiql import GraphiQL
from graphql_api.http.graphql.persisted import Documents, SentDocuments
from graphql_api.http.graphql.request import METHODS, GraphQLRequest, RefusedRequestError, read_request
from graphql_api.http.graphql.response import Edition, Result, answer, refusal
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.problems import headers_of
from graphql_api.http.request_ids import request_id_of
from graphql_api.metrics import Metrics

OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
"""The media types of answers; JSON, the first, is the default."""
BY_GET = frozenset({OperationType.QUERY})
BY_POST = frozenset({OperationType.QUERY, OperationType.MUTATION})
AT_ONCE = (JSON, GRAPHQL_RESPONSE)
"""The media types for HEAD: an event stream has no end."""
IN_A_STREAM = frozenset({OperationType.SUBSCRIPTION})
"""The additional operations of an event stream."""


class GraphQLView:
    """Serves one schema; ``context_for`` makes the resolvers' context from a request's id and its caller.

    Without ``graphiql`` there is no page, and no document of a URL is run: other sites can link to one, and
    logs keep it. ``watch`` announces the end of a caller's credential, and with it of the caller's streams.

    It is no subclass of Strawberry's view: that view's media types, statuses, error bodies and order of
    checks differ from GraphQL over HTTP.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context_for: Callable[[str, Caller], Any],
        watch: Watch = OPEN.watch,
        graphiql: GraphiQL | None,
        subscribers: Subscribers,
        metrics: Metrics | None = None,
        documents: Documents | None = None,
        edition: Edition = Edition.DRAFT,
    ) -> None:
        self._schema = schema
        self._context_for = context_for
        self._watch = watch
        self._edition = edition
        self._page = graphiql and graphiql.page(instead=get_graphql_ide_html())
        self._subscribers = subscribers
        self._metrics = metrics or Metrics()
        self._documents = documents or SentDocuments()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; uvicorn drops the body of an answer to HEAD."""
        is_head = scope["method"] == "HEAD"
        request = Request({**scope, "method": "GET"} if is_head else scope, receive)
        response = await self._response(request, offered=AT_ONCE if is_head else OFFERED)
        await response(scope, receive, send)

    async def _response(self, request: Request, *, offered: tuple[str, ...]) -> Response | EventStream:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS})
        accept = ",".join(request.headers.getlist("accept"))
        if self._page and _is_visit(request) and negotiate(accept, (*offered, HTML)) == HTML:
            return self._page(request)
        media_type = negotiate(accept, offered)
        if media_type is None:
            unwanted = RefusedRequestError(406, f"The answer is {' or '.join(offered)}.")
            return self._refusal(unwanted, JSON)
        single = GRAPHQL_RESPONSE if media_type == EVENT_STREAM else media_type
        try:
            self._check_url(request)
            caller = _caller_of(request)
            asked = await read_request(request)
            asked = asked.model_copy(update={"query": self._documents.text(asked)})
            if media_type == EVENT_STREAM:
                return await self._stream(asked, request, caller)
            result = await self._run(asked, request, caller)
        except RefusedRequestError as refused:
            return self._refusal(refused, JSON if media_type == EVENT_STREAM else media_type)
        except ExpectedError as refused:
            self._count(refused.code)
            result = Result.refused(refused)
        return answer(result, media_type=single, edition=self._edition)

    def _check_url(self, request: Request) -> None:
        """Raise ``RefusedRequestError`` for a document in a URL, unless that is served."""
        if self._page is None and not _is_by_hash(request):
            raise RefusedRequestError(405, "Documents are sent by POST.", headers={"Allow": "POST"})

    async def _stream(self, asked: GraphQLRequest, request: Request, caller: Caller) -> EventStream:
        """Return the stream of its results; raises ``RefusedRequestError`` if no place is left."""
        if self._subscribers.are_too_many:
            raise RefusedRequestError(503, "Too many subscribers; try again later.")
        context = self._context_for(request_id_of(request.scope), caller)
        results = await self._schema.stream(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
            allowed_operation_types=_allowed(request) | IN_A_STREAM,
        )
        return EventStream(
            results,
            started=context.started,
            refuse=self._refuse,
            subscribers=self._subscribers,
            watch=lambda: self._watch(caller),
        )

    def _refuse(self, errors: Sequence[GraphQLError]) -> Response:
        """Answer a refused stream with one response and an error status."""
        if any((error.extensions or {}).get("code") == METHOD_NOT_ALLOWED for error in errors):
            return refusal(_by_post_alone(), media_type=GRAPHQL_RESPONSE, edition=self._edition)
        refused = Result(ran=False, errors=list(errors))
        return answer(refused, media_type=GRAPHQL_RESPONSE, edition=self._edition)

    async def _run(self, asked: GraphQLRequest, request: Request, caller: Caller) -> Result:
        """Run the operation; raises ``ExpectedError`` for an unknown or disallowed one."""
        try:
            ended = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                context_value=self._context_for(request_id_of(request.scope), caller),
                allowed_operation_types=_allowed(request),
            )
        except CannotGetOperationTypeError as unknown:
            raise OperationUnresolvedError(unknown.operation_name) from None
        except InvalidOperationTypeError as refused:
            raise _wrong_method(refused) from None
        return Result.of(ended)

    def _refusal(self, refused: RefusedRequestError, media_type: str) -> Response:
        self._count(refused.code)
        return refusal(refused, media_type=media_type, edition=self._edition)

    def _count(self, code: str) -> None:
        self._metrics.graphql_errors.labels(code).inc()


def _caller_of(request: Request) -> Caller:
    """Return the caller; raises ``RefusedRequestError``."""
    try:
        return caller_of(request.scope)
    except UnauthenticatedError as refused:
        raise RefusedRequestError(401, refused.message, headers=headers_of(401)) from None


def _is_visit(request: Request) -> bool:
    return request.method == "GET" and not {"query", "documentId", "extensions"} & request.query_params.keys()


def _is_by_hash(request: Request) -> bool:
    """Return whether the URL has no document."""
    given = request.query_params.keys()
    return request.method != "GET" or ("query" not in given and bool({"documentId", "extensions"} & given))


def _allowed(request: Request) -> frozenset[OperationType]:
    return BY_GET if request.method == "GET" else BY_POST


def _by_post_alone() -> RefusedRequestError:
    return RefusedRequestError(405, "Mutations are run by POST alone.", headers={"Allow": "POST"})


def _wrong_method(refused: InvalidOperationTypeError) -> RefusedRequestError:
    if refused.operation_type is OperationType.MUTATION:
        return _by_post_alone()
    return RefusedRequestError(400, "Subscriptions are not answered with a single response.")
