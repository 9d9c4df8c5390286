"""Builds the one long-lived SDK client from explicit values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from openai import APIStatusError, AsyncOpenAI, DefaultAsyncHttpxClient, OpenAIError

from graphql_api.providers.connections import (
    IDLE_CONNECTION_S,
    LOOPBACK,
    MOST_CONNECTIONS,
    MOST_IDLE_CONNECTIONS,
    trusted_certificates,
    url_of,
)
from graphql_api.providers.exchange import follow_request
from graphql_api.providers.failures import Failures, Refusal
from graphql_api.providers.outbound.guard import OutboundGuard
from graphql_api.providers.outbound.transport import GuardedTransport

OPENAI_URL = "https://api.openai.com/v1"

_CONNECTION_LIMITS = httpx2.Limits(
    max_connections=MOST_CONNECTIONS,
    max_keepalive_connections=MOST_IDLE_CONNECTIONS,
    keepalive_expiry=IDLE_CONNECTION_S,
)


def _refusal(error: Exception) -> Refusal | None:
    if not isinstance(error, APIStatusError):
        return None
    return Refusal(status=error.status_code, body=error.body, headers=error.response.headers)


FAILURES = Failures(
    of_call=(OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, RuntimeError),
    refusal=_refusal,
    unsendable=(httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL),
    timeout=httpx2.TimeoutException,
    no_free_connection=httpx2.PoolTimeout,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What each request tells beside the key."""

    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


NOTHING_ELSE = Sent()


def open_client(
    key: str,
    base_url: str | None,
    *,
    waits: httpx2.Timeout,
    sent: Sent = NOTHING_ELSE,
    guard: OutboundGuard | None = None,
) -> AsyncOpenAI:
    """Return a client without retries, redirects or values from ``OPENAI_*``.

    The environment's proxies and certificates (``HTTPS_PROXY``, ``SSL_CERT_FILE``) are used; with a ``guard``
    no proxy is, because it would connect where the guard cannot see.

    Raises ``RejectedError`` for an unusable address.
    """
    client = AsyncOpenAI(
        api_key=key,
        base_url=url_of(base_url, default=OPENAI_URL),
        timeout=waits,
        max_retries=0,
        http_client=_http_client(waits=waits, guard=guard),
    )
    return _with_only(client, sent)


def _http_client(*, waits: httpx2.Timeout, guard: OutboundGuard | None) -> httpx2.AsyncClient:
    trusted = trusted_certificates()
    route: dict[str, Any] = {
        "verify": trusted,
        "limits": _CONNECTION_LIMITS,
        "mounts": dict.fromkeys(LOOPBACK),
    }
    if guard is not None:
        transport = GuardedTransport(guard, verify=trusted, limits=_CONNECTION_LIMITS)
        route = {"transport": transport}  # httpx2 then leaves out the environment's proxies
    return DefaultAsyncHttpxClient(
        timeout=waits, follow_redirects=False, event_hooks={"request": [follow_request]}, **route
    )


def _with_only(client: AsyncOpenAI, sent: Sent) -> AsyncOpenAI:
    """Replace the SDK's values from the environment, because it reads them when it is passed ``None``."""
    client.admin_api_key = client.webhook_secret = None
    client.organization, client.project = sent.organization, sent.project
    client._custom_headers = dict(sent.headers)  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS has no public way out
    return client
