"""What a GraphQL request over HTTP asks for, read strictly, and how one that cannot be read is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from graphql_api.errors import ExpectedError
from graphql_api.http.accept import unreadable
from graphql_api.http.problems import code_of

METHODS = "GET, HEAD, POST, OPTIONS"
NO_OBJECT = "The JSON must be an object."


class RefusedRequestError(ExpectedError):
    """The request is no GraphQL request that this endpoint takes, so the answer has a status of HTTP."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code_of(status)
        self.headers = dict(headers or {})


class IllFormedRequestError(RefusedRequestError):
    """The request is JSON, and its parameters are not those of a GraphQL request."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """The parameters of one request; members that are not known are ignored."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


async def read_request(request: Request) -> GraphQLRequest:
    """Return the request's parameters; raises ``RefusedRequestError``."""
    if request.method == "GET":
        return parameters_of(_from_url(request))
    if request.method != "POST":
        raise RefusedRequestError(405, "GraphQL is served by GET and POST.", headers={"Allow": METHODS})
    if wrong := unreadable(request.headers):
        raise RefusedRequestError(415, wrong)
    try:
        body = await request.body()
    except HTTPException as too_large:
        raise RefusedRequestError(too_large.status_code, too_large.detail) from too_large
    return parameters_of(_json(body))


def parameters_of(given: object) -> GraphQLRequest:
    """Return the parameters in this JSON; raises ``IllFormedRequestError``."""
    if not isinstance(given, dict):
        raise IllFormedRequestError(NO_OBJECT)
    return GraphQLRequest(
        query=_checked(given, "query", str, "a string"),
        document_id=_checked(given, "documentId", str, "a string"),
        # Clients that offer a choice of operations send an empty name when nothing is chosen.
        operation_name=_checked(given, "operationName", str, "a string") or None,
        variables=_checked(given, "variables", dict, "an object"),
        extensions=_checked(given, "extensions", dict, "an object"),
    )


def _from_url(request: Request) -> dict[str, Any]:
    """Return the URL's parameters; an empty one counts as absent."""
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name])
    return given


def _checked(given: dict[str, Any], name: str, type_: type, article: str) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, type_):
        raise IllFormedRequestError(f"`{name}` must be {article} or null.")
    return value


def _json(data: str | bytes) -> object:
    """Read JSON strictly: no NaN, no lone surrogates, no bad UTF-8, no unbounded nesting."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as malformed:
        raise RefusedRequestError(400, f"The JSON is malformed: {malformed}") from malformed
