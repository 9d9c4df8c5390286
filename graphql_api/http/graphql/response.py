"""GraphQL answers over HTTP, with their statuses.

The status depends on the result, the media type and the edition of the rules.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types import ExecutionResult

from graphql_api.access.errors import ForbiddenError, RateLimitedError
from graphql_api.document_errors import OperationTimedOutError
from graphql_api.errors import PARSE_FAILED, ExpectedError, StoreUnavailableError
from graphql_api.http.accept import JSON
from graphql_api.http.graphql.request import IllFormedRequestError, RefusedRequestError
from graphql_api.http.problems import headers_of, wait_of

PARTIAL_SUCCESS = 294
"""GraphQL over HTTP's own status for data with errors; other clients take it for a 200."""


class Edition(StrEnum):
    """The editions of GraphQL over HTTP; they differ in their statuses."""

    DRAFT = "draft"
    SEPTEMBER_2026 = "2026-09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a request; without ``ran`` its errors are request errors, and ``data`` is left out."""

    ran: bool
    data: dict[str, Any] | None = None
    errors: list[GraphQLError] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, ended: ExecutionResult) -> Self:
        """Return the result of an operation; only a field's error has a path, so a path shows it ran."""
        errors = ended.errors or []
        ran = ended.data is not None or any(error.path is not None for error in errors)
        return cls(ran=ran, data=ended.data, errors=errors, extensions=ended.extensions or {})

    @classmethod
    def refused(cls, error: ExpectedError) -> Self:
        """Return the result of a request refused for this error."""
        return cls(ran=False, errors=[GraphQLError(error.message, extensions=error.extensions)])

    def body(self) -> dict[str, Any]:
        """Return the body, with the errors first to be seen."""
        errors = {"errors": [error.formatted for error in self.errors]} if self.errors else {}
        data = {"data": self.data} if self.ran else {}
        return {**errors, **data, **({"extensions": self.extensions} if self.extensions else {})}


def answer(result: Result, *, media_type: str, edition: Edition) -> Response:
    """Return the answer to a well-formed request, with any result."""
    response = _response(result.body(), status=_status(result, media_type, edition), media_type=media_type)
    if response.status_code == 429 and not result.ran:
        response.headers.update(wait_of(result.errors[0].extensions or {}))
    return response


def refusal(refused: RefusedRequestError, *, media_type: str, edition: Edition) -> Response:
    """Return the answer to a refused request, in GraphQL's own format."""
    unprocessable = edition is Edition.SEPTEMBER_2026 and isinstance(refused, IllFormedRequestError)
    body = {"errors": [{"message": refused.message, "extensions": refused.extensions}]}
    response = _response(body, status=422 if unprocessable else refused.status, media_type=media_type)
    response.headers.update(refused.headers)
    return response


def _status(result: Result, media_type: str, edition: Edition) -> int:
    codes = set() if result.ran else {(error.extensions or {}).get("code") for error in result.errors}
    if RateLimitedError.code in codes:
        return 429  # to every client: proxies and clients of any age know when to come again
    if media_type == JSON:
        return 200  # older clients read only JSON, and ignore the body of any other status
    if result.ran:
        return PARTIAL_SUCCESS if result.errors else 200
    if ForbiddenError.code in codes:
        return 403
    if StoreUnavailableError.code in codes:
        return 503  # a subscription could not begin; after a 400 its client does not try again
    if OperationTimedOutError.code in codes:
        return 504
    return 422 if edition is Edition.SEPTEMBER_2026 and PARSE_FAILED not in codes else 400


def _response(body: dict[str, Any], *, status: int, media_type: str) -> Response:
    headers = {"Content-Type": f"{media_type}; charset=utf-8", "Vary": "Accept", **headers_of(status)}
    return Response(orjson.dumps(body), status_code=status, headers=headers)
