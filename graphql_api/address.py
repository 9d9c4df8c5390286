"""Addresses of servers as URLs."""

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  addresses to connect to, not to listen on
PORT_OF_SCHEME = {"http": 80, "https": 443}
"""The default ports, left out of URLs and origins."""


def url_of(host: str, port: int) -> str:
    """Return this machine's URL of a listener; an address for all interfaces becomes loopback."""
    reached = LOOPBACK_OF.get(host, host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
