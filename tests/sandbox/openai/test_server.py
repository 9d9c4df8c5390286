"""The server's start and stop."""

import asyncio
import socket
from contextlib import suppress

import pytest
from openai import APIConnectionError, AsyncOpenAI
from starlette.testclient import TestClient

from graphql_api.sandbox.openai import Fault, FaultKind, Sandbox, SandboxServer, sandbox_app


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.DELAY])
async def test_a_stop_does_not_wait_for_faults(
    sandbox: Sandbox, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    """A stop breaks off the calls that hang, at once and without a word in the log."""
    async with SandboxServer(sandbox) as server:
        client = AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0)
        sandbox.faults.add(Fault(kind=kind, seconds=3600))
        calling = asyncio.create_task(client.models.retrieve("gpt-4"))
        await sandbox.calls.wait_for("models.retrieve")
        async with asyncio.timeout(1):
            await server.stop()
    with pytest.raises(APIConnectionError):
        await calling
    assert sandbox.calls.find(applied=True) == []
    assert caplog.records == [record for record in caplog.records if record.levelname in {"DEBUG", "INFO"}]
    await client.close()


def test_only_loopback_is_served(sandbox: Sandbox) -> None:
    """A server for the whole network is refused: any key is let in."""
    with pytest.raises(ValueError, match="loopback only"):
        SandboxServer(sandbox, host="0.0.0.0")  # noqa: S104 # the point of the test


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


async def test_a_stop_is_harmless_twice(sandbox: Sandbox) -> None:
    """Stopping a server that does not run does nothing."""
    server = SandboxServer(sandbox)
    await server.stop()
    async with server:
        pass
    await server.stop()


def test_a_reset_needs_the_connection(sandbox: Sandbox) -> None:
    """Without the server's protocol a reset says why it cannot be played."""
    sandbox.faults.add(Fault(kind=FaultKind.RESET))
    with (
        pytest.raises(RuntimeError, match="needs the SandboxServer"),
        TestClient(sandbox_app(sandbox)) as client,
    ):
        client.get("/v1/models")
