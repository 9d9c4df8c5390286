"""The connections to a provider: key, address, limits and certificates."""

from functools import cache
from ssl import SSLContext

import httpx2
from pydantic import SecretStr

from graphql_api.address import LARGEST_PORT
from graphql_api.providers.port import CredentialsError, RejectedError

MOST_CONNECTIONS = 50
MOST_IDLE_CONNECTIONS = 10

# Common servers hang up after 5 s. Ours must end earlier: if the connection closes under a request, its
# outcome is unknown.
IDLE_CONNECTION_S = 3.0

LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")
"""A proxy named by the environment cannot reach an endpoint on this host, for example a sandbox."""


@cache
def trusted_certificates() -> SSLContext:
    """Return the certificates trusted by TLS, read once per process: reading is the slowest step here."""
    return httpx2.create_ssl_context()


def key_of(api_key: SecretStr | str) -> str:
    """Return the key as a header can carry it; raises ``CredentialsError``."""
    given = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
    key = given.strip()  # a secret read from a file often ends in a newline
    if not (key and key.isascii() and key.isprintable()):
        raise CredentialsError("The provider's API key is empty or has characters outside printable ASCII")
    return key


def url_of(base_url: str | None, *, default: str) -> httpx2.URL:
    """Return the address of an endpoint, ``default`` for an empty one; raises ``RejectedError``."""
    try:
        url = httpx2.URL((base_url or "").strip() or default)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    # A query would swallow the paths after it. A password would replace the key and appear in logs.
    is_plain = not (url.query or url.fragment or url.userinfo) and (url.port or 1) <= LARGEST_PORT
    if url.scheme not in {"http", "https"} or not url.host or not is_plain:
        raise RejectedError("The provider's base URL is not a plain http:// or https:// address")
    return url


def connect_limit_s(total_s: float, *, connect_timeout_s: float) -> float:
    """Return the limit of each wait for a connection, in seconds.

    A call waits for a free connection, for TCP and for TLS. All three end before the call as a whole:
    the pool closes a half-open connection after a timeout, but loses it if the call is stopped.
    """
    return min(connect_timeout_s, total_s / 4)
