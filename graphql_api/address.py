"""Addresses of servers as URLs."""

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  to be reached at, not to listen on
PORT_OF_SCHEME = {"http": 80, "https": 443}
"""The ports that a URL leaves out, and an origin too."""


def url_of(host: str, port: int) -> str:
    """Return the URL of what listens there for this machine: every address is shown as the loopback one."""
    reached = LOOPBACK_OF.get(host, host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
