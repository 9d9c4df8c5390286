"""Connections reset by the sandbox, and new ones."""

import asyncio
import socket
from contextlib import suppress

import pytest
from starlette.testclient import TestClient

from graphql_api.sandbox.openai import Fault, FaultKind, Sandbox, SandboxServer, sandbox_app


@pytest.mark.parametrize("rounds", range(6))
async def test_a_stop_ends_a_connection_that_has_just_come(sandbox: Sandbox, rounds: int) -> None:
    """However far the loop has come with it: waiting, accepted, or already the protocol's."""
    async with SandboxServer(sandbox) as server:
        with socket.create_connection((server.host, server.port)) as client:
            for _ in range(rounds):
                await asyncio.sleep(0)
            await server.stop()
            client.setblocking(False)
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""


def test_a_reset_needs_the_connection(sandbox: Sandbox) -> None:
    """Without the server's protocol a reset says why it cannot be played."""
    sandbox.faults.add(Fault(kind=FaultKind.RESET))
    with (
        pytest.raises(RuntimeError, match="needs the SandboxServer"),
        TestClient(sandbox_app(sandbox)) as client,
    ):
        client.get("/v1/models")
