"""Free ports: nothing takes one before its server does."""

import random
import socket
from pathlib import Path

import pytest

from chaos.ports import free_port

EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not EPHEMERAL.exists(), reason="needs Linux, which says where those ports are")
def test_no_outgoing_connection_has_such_a_port() -> None:
    """The system takes theirs from a range of its own."""
    first, _ = map(int, EPHEMERAL.read_text().split())
    assert max(free_port() for _ in range(100)) < first


def test_processes_with_the_same_seed_get_other_ports() -> None:
    """The processes of a test run are seeded alike."""
    found = []
    for _ in range(2):
        random.seed(1)
        found.append([free_port() for _ in range(5)])
    assert found[0] != found[1]


def test_a_port_with_a_listener_is_not_free() -> None:
    """Of two ports the other one is found."""
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        taken = listener.getsockname()[1]
        other = free_port()
        assert {free_port([taken, other]) for _ in range(20)} == {other}
