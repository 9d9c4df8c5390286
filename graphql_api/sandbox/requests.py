"""What an operation takes from its request."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import FaultKind

Body = TypeVar("Body", bound=BaseModel)


def accents_of(request: Request) -> frozenset[FaultKind]:
    """Return the accents for the answer to this call."""
    accents: frozenset[FaultKind] = request.state.accents
    return accents


async def json_of(request: Request) -> Any:
    """Return the body as JSON; raises ``ApiError``."""
    try:
        return await request.json()
    except (ValueError, RecursionError):
        message = "We could not parse the JSON body of your request. The API expects a JSON payload."
        raise ApiError(message) from None


def checked(body: object, kind: type[Body], *, fields: frozenset[str]) -> Body:
    """Return the checked body; raises ``ApiError`` with the name of the bad parameter, one of ``fields``."""
    if not isinstance(body, Mapping):
        raise ApiError("The request body must be a JSON object.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        # A union reports one complaint per member under the member's own name; it is no part of the path.
        path = [str(part) for part in first["loc"] if part in fields or isinstance(part, int)]
        param = ".".join(path) or None
        code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
        raise ApiError(f"Invalid '{param}': {first['msg']}.", param=param, code=code) from error
