"""``/livez`` says that the process need not be started again, ``/readyz`` that it can do its work."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from graphql_api.http.problems import retry_after
from graphql_api.store.suitability import Remark, in_words

Check = Callable[[], Awaitable[str | None]]
"""Returns what is wrong, a ``Remark`` on what is not quite right, or ``None``."""


def livez_endpoint(
    stalled_s: Callable[[], float], *, limit_s: float
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: 200, or 503 once operations on MongoDB have stalled for the limit in seconds.

    An outage is no stall: its operations end with errors, and a new process would be no better.
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

    The body names each check with what is wrong, and tells the ``settings`` that an operator looks for
    first. A provider that is down is no reason to be unready: reads go on, and cancels are kept.
    """

    async def endpoint(_: Request) -> Response:
        found = {name: await check() for name, check in checks.items()}
        status = 200 if all(one is None or isinstance(one, Remark) for one in found.values()) else 503
        body = orjson.dumps({**{name: in_words(one) for name, one in found.items()}, **settings})
        return Response(body, status_code=status, headers=retry_after(status), media_type="application/json")

    return endpoint
