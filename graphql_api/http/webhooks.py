"""``POST /webhooks/openai``: the provider's signed webhooks, taken as hints."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graphql_api.access.errors import UnauthenticatedError
from graphql_api.http.authentication import note_refused
from graphql_api.http.problems import problem
from graphql_api.providers.port import ForgedWebhookError, ProviderHint

LARGEST_WEBHOOK_BYTES = 65_536
FORGED = "A webhook is not signed by the provider."
"""The audit's reason."""

Read = Callable[[bytes, Mapping[str, str]], ProviderHint]
Take = Callable[[ProviderHint], Awaitable[object]]


def webhook_endpoint(read: Read, take: Take) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: 204 after the hint is durable, 401 for a body not signed by the provider."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        if len(body) > LARGEST_WEBHOOK_BYTES:
            raise HTTPException(413, f"A webhook must have at most {LARGEST_WEBHOOK_BYTES} bytes.")
        try:
            hint = read(body, request.headers)
        except ForgedWebhookError as forged:
            note_refused(UnauthenticatedError(FORGED), request.scope)
            return problem(401, code="UNAUTHENTICATED", detail=f"Not taken: {forged}.")
        await take(hint)
        return Response(status_code=204)

    return endpoint
