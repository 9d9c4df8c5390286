"""Builds the one long-lived SDK client from explicit values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from graphql_api.address import LARGEST_PORT
from graphql_api.providers.openai.exchange import follow_request
from graphql_api.providers.outbound.guard import OutboundGuard
from graphql_api.providers.outbound.transport import GuardedTransport
from graphql_api.providers.port import CredentialsError, RejectedError

OPENAI_URL = "https://api.openai.com/v1"

# Common servers hang up after 5 s. Ours must end earlier: if the connection closes under a request, its
# outcome is unknown.
_IDLE_CONNECTION_S = 3.0
_CONNECTION_LIMITS = httpx2.Limits(
    max_connections=50, max_keepalive_connections=10, keepalive_expiry=_IDLE_CONNECTION_S
)

# A proxy named by the environment cannot reach an endpoint on this host, for example the sandbox.
_WITHOUT_PROXY = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What each request tells beside the key."""

    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


NOTHING_ELSE = Sent()


def open_client(
    api_key: str,
    base_url: str | None,
    *,
    waits: httpx2.Timeout,
    sent: Sent = NOTHING_ELSE,
    guard: OutboundGuard | None = None,
) -> AsyncOpenAI:
    """Return a client without retries, redirects or values from ``OPENAI_*``.

    The environment's proxies and certificates (``HTTPS_PROXY``, ``SSL_CERT_FILE``) are used; with a ``guard``
    no proxy is, because it would connect where the guard cannot see.

    Raises ``CredentialsError`` for an unusable key, ``RejectedError`` for an unusable address.
    """
    client = AsyncOpenAI(
        api_key=_checked_key(api_key),
        base_url=_checked_url(base_url),
        timeout=waits,
        max_retries=0,
        http_client=_http_client(waits=waits, guard=guard),
    )
    return _with_only(client, sent)


def _http_client(*, waits: httpx2.Timeout, guard: OutboundGuard | None) -> httpx2.AsyncClient:
    trusted = _trusted_certificates()
    route: dict[str, Any] = {"verify": trusted, "limits": _CONNECTION_LIMITS, "mounts": _WITHOUT_PROXY}
    if guard is not None:
        transport = GuardedTransport(guard, verify=trusted, limits=_CONNECTION_LIMITS)
        route = {"transport": transport}  # httpx2 then leaves out the environment's proxies
    return DefaultAsyncHttpxClient(
        timeout=waits, follow_redirects=False, event_hooks={"request": [follow_request]}, **route
    )


@cache
def _trusted_certificates() -> SSLContext:
    """Return the certificates trusted by TLS, read once per process: reading is the slowest step here."""
    return httpx2.create_ssl_context()


def _checked_key(api_key: str) -> str:
    key = api_key.strip()  # a secret read from a file often ends in a newline
    if not (key and key.isascii() and key.isprintable()):
        raise CredentialsError("The provider's API key is empty or has characters outside printable ASCII")
    return key


def _checked_url(base_url: str | None) -> httpx2.URL:
    try:
        url = httpx2.URL((base_url or "").strip() or OPENAI_URL)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    # A query would swallow the paths after it. A password would replace the key and appear in logs.
    is_plain = not (url.query or url.fragment or url.userinfo) and (url.port or 1) <= LARGEST_PORT
    if url.scheme not in {"http", "https"} or not url.host or not is_plain:
        raise RejectedError("The provider's base URL is not a plain http:// or https:// address")
    return url


def _with_only(client: AsyncOpenAI, sent: Sent) -> AsyncOpenAI:
    """Replace the SDK's values from the environment, because it reads them when it is passed ``None``."""
    client.admin_api_key = client.webhook_secret = None
    client.organization, client.project = sent.organization, sent.project
    client._custom_headers = dict(sent.headers)  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS has no public way out
    return client
