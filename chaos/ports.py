"""Free ports for the processes of a run."""

import socket


def free_port() -> int:
    """Return a loopback port without a listener at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
