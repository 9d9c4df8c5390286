"""Free ports for the processes of a run."""

import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress

_PORTS = range(16_384, 32_768)
"""Linux takes the ports of outgoing connections from above: such a one can come before the port's server."""
_ATTEMPTS = 100


def free_port(among: Sequence[int] = _PORTS) -> int:
    """Return a loopback port without a listener at this moment; raises ``OSError`` if none is found."""
    for _ in range(_ATTEMPTS):
        port = secrets.choice(among)  # the processes of a test run have all seeded `random` alike
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port was found")
