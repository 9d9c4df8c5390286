"""Tells browsers to keep every answer to themselves."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULTS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Pages and static files have a policy, and a time in caches, of their own."""
HSTS = "max-age=31536000"
"""A year of TLS for this host alone: its neighbours may have none."""

_ANSWERS = {"http.response.start", "websocket.http.response.start"}


class SafeHeaders:
    """Adds the headers to every answer, errors among them; an answer's own value wins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or connection."""
        is_over_tls = scope.get("scheme") in {"https", "wss"}

        async def send_safely(message: Message) -> None:
            if message["type"] in _ANSWERS:
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULTS.items():
                    headers.setdefault(name, value)
                if is_over_tls:
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, send_safely)
