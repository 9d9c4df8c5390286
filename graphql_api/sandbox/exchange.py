"""A call in two steps: carry out, then answer.

A fault can step in between.
"""

import hmac
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from graphql_api.sandbox.calls import Call
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.stand_in import Handler, StandIn


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A call with its whole body."""

    sandbox: StandIn
    handler: Handler
    request: Request
    send: Send
    call: Call

    @property
    def scope(self) -> Scope:
        """The request's ASGI scope."""
        return self.request.scope

    @property
    def receive(self) -> Receive:
        """The rest to receive: the client's hanging up."""
        return self.request.receive

    async def apply(self) -> Response:
        """Carry out the call and return its honest answer without sending it."""
        try:
            _authenticate(self.request, api_key=self.sandbox.api_key)
            answer = await self.handler(self.sandbox.account, self.request)
        except ApiError as error:
            return error.response()
        self.call.applied = True
        self.sandbox.calls.note_change()
        if self.request.method != "GET":
            self.sandbox.save()
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    async def reply(self, response: Response) -> None:
        """Send an answer, honest or not."""
        self.call.status = response.status_code
        await response(self.scope, self.receive, self.send)


def _authenticate(request: Request, *, api_key: str | None) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        message = "You didn't provide an API key. Provide it in an Authorization header, as a Bearer token."
        raise ApiError(message, status=401)
    if api_key is not None and not hmac.compare_digest(given.strip().encode(), api_key.encode()):
        raise ApiError("Incorrect API key provided.", status=401, code="invalid_api_key")
