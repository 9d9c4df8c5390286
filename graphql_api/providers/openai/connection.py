"""Builds the one long-lived SDK client, from explicit values only."""

from functools import cache
from ssl import SSLContext

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from graphql_api.providers.openai.exchange import follow_request
from graphql_api.providers.port import CredentialsError, RejectedError

OPENAI_URL = "https://api.openai.com/v1"

# Shorter than the 5 s after which common servers hang up: a request on a connection that
# closes under it has an unknown outcome.
_IDLE_CONNECTION_S = 3.0
_CONNECTION_LIMITS = httpx2.Limits(
    max_connections=50, max_keepalive_connections=10, keepalive_expiry=_IDLE_CONNECTION_S
)

# A proxy named by the environment cannot reach an endpoint on this host, such as the sandbox.
_WITHOUT_PROXY = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


def open_client(api_key: str, base_url: str | None, *, waits: httpx2.Timeout) -> AsyncOpenAI:
    """Return a client that never retries, never follows a redirect and takes nothing from ``OPENAI_*``.

    The environment's proxies and certificates (``HTTPS_PROXY``, ``SSL_CERT_FILE``) are used.

    Raises ``CredentialsError`` or ``RejectedError`` for a key or an address that no request could carry.
    """
    http_client = DefaultAsyncHttpxClient(
        verify=_trusted_certificates(),
        timeout=waits,
        limits=_CONNECTION_LIMITS,
        follow_redirects=False,
        mounts=_WITHOUT_PROXY,
        event_hooks={"request": [follow_request]},
    )
    client = AsyncOpenAI(
        api_key=_checked_key(api_key),
        base_url=_checked_url(base_url),
        timeout=waits,
        max_retries=0,
        http_client=http_client,
    )
    return _without_environment(client)


@cache
def _trusted_certificates() -> SSLContext:
    """Return whom TLS trusts, read once in a process: reading takes longer than all else about a client."""
    return httpx2.create_ssl_context()


LARGEST_PORT = 65_535


def _checked_key(api_key: str) -> str:
    key = api_key.strip()  # a secret read from a file often ends in a newline
    if not (key and key.isascii() and key.isprintable()):
        raise CredentialsError("The provider's API key is empty or has characters that no key has")
    return key


def _checked_url(base_url: str | None) -> httpx2.URL:
    try:
        url = httpx2.URL((base_url or "").strip() or OPENAI_URL)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    # A query would swallow the paths that follow; a password would replace the key, and stand in logs.
    is_plain = not (url.query or url.fragment or url.userinfo) and (url.port or 1) <= LARGEST_PORT
    if url.scheme not in {"http", "https"} or not url.host or not is_plain:
        raise RejectedError("The provider's base URL is not a plain http:// or https:// address")
    return url


def _without_environment(client: AsyncOpenAI) -> AsyncOpenAI:
    """Take back what the SDK read from the environment, where passing ``None`` means "read it"."""
    client.admin_api_key = client.organization = client.project = client.webhook_secret = None
    client._custom_headers = {}  # noqa: SLF001 - OPENAI_CUSTOM_HEADERS has no public way out
    return client
