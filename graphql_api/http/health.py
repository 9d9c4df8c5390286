"""``/livez`` and ``/readyz``, for the restarts and the traffic of this process."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from graphql_api.http.authentication import has
from graphql_api.http.problems import headers_of
from graphql_api.scopes import Scope as Right
from graphql_api.store.suitability import Remark, in_words

Check = Callable[[], Awaitable[str | None]]
"""Returns the fault, a ``Remark`` on a lesser one, or ``None``."""


def livez_endpoint(
    stalled_s: Callable[[], float], *, limit_s: float
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: 200, or 503 after operations on MongoDB stall for the limit in seconds.

    503 asks for a restart of the process. An outage is no stall: its operations end with errors, and a new
    process cannot help.
    """

    async def endpoint(_: Request) -> Response:
        stalled = stalled_s()
        if stalled < limit_s:
            return PlainTextResponse("ok\n")
        reason = f"no operation on MongoDB has ended for {stalled:.0f} s\n"
        return PlainTextResponse(reason, status_code=503)

    return endpoint


def readyz_endpoint(
    checks: Mapping[str, Check], *, settings: Mapping[str, str]
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: 200 if every check passes, else 503.

    For admins the body names each check with its fault, and shows ``settings``, the first things an operator
    looks for. Others learn whether the process is ready.
    With the provider down the process is still ready: it answers reads and records cancels.
    """

    async def endpoint(request: Request) -> Response:
        found = {name: await check() for name, check in checks.items()}
        status = 200 if all(one is None or isinstance(one, Remark) for one in found.values()) else 503
        details = {**{name: in_words(one) for name, one in found.items()}, **settings}
        body = orjson.dumps({"ready": status == 200, **(details if has(Right.ADMIN, request.scope) else {})})
        return Response(body, status_code=status, headers=headers_of(status), media_type="application/json")

    return endpoint
