"""The address of a server of ours, as a URL for whoever is on the same machine."""

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  to be reached at, not to listen on


def url_of(host: str, port: int) -> str:
    """Return the URL of what listens there; every address is shown as the loopback one."""
    reached = LOOPBACK_OF.get(host, host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
