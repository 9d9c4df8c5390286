"""GraphQL requests over HTTP: strict reading, and the refusals."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from graphql_api.errors import ExpectedError
from graphql_api.http.accept import unreadable
from graphql_api.http.problems import code_of

METHODS = "GET, HEAD, POST, OPTIONS"
NO_OBJECT = "The JSON must be an object."
ARTICLE_OF = {"string_type": "a string", "dict_type": "an object"}


class RefusedRequestError(ExpectedError):
    """The endpoint cannot take the request; the answer has an HTTP status of its own."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code_of(status)
        self.headers = dict(headers or {})


class IllFormedRequestError(RefusedRequestError):
    """The request is JSON, but its parameters are no GraphQL request."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)


def _chosen(name: str | None) -> str | None:
    """Return the name, or None if empty: clients with a menu send an empty name for no choice."""
    return name or None


class GraphQLRequest(BaseModel):
    """The parameters of one request; unknown members are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)

    query: str | None = None
    document_id: str | None = Field(None, alias="documentId")
    operation_name: Annotated[str | None, AfterValidator(_chosen)] = Field(None, alias="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


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
        raise RefusedRequestError(
            too_large.status_code, too_large.detail, headers=too_large.headers
        ) from too_large
    return parameters_of(_json(body))


def parameters_of(given: object) -> GraphQLRequest:
    """Return the parameters in this JSON; raises ``IllFormedRequestError``."""
    if not isinstance(given, dict):
        raise IllFormedRequestError(NO_OBJECT)
    try:
        return GraphQLRequest.model_validate(given)
    except ValidationError as invalid:
        wrong = invalid.errors(include_input=False, include_url=False, include_context=False)[0]
        message = f"`{wrong['loc'][0]}` must be {ARTICLE_OF[wrong['type']]} or null."
        raise IllFormedRequestError(message) from None


def _from_url(request: Request) -> dict[str, Any]:
    """Return the URL's parameters; an empty one counts as absent."""
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name])
    return given


def _json(data: str | bytes) -> object:
    """Read JSON strictly: no NaN, no lone surrogates, no bad UTF-8, no unbounded nesting."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as malformed:
        raise RefusedRequestError(400, f"The JSON is malformed: {malformed}") from malformed
