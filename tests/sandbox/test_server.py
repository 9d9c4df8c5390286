"""The server's start and stop."""

import asyncio

import httpx2
import pytest
from openai import APIConnectionError, AsyncOpenAI

from graphql_api.sandbox.openai import Fault, FaultKind, Sandbox, SandboxServer


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.DELAY])
async def test_a_stop_does_not_wait_for_faults(
    sandbox: Sandbox, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    """A stop breaks off the hanging calls, at once and without a word in the log."""
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


async def test_a_stop_is_harmless_twice(sandbox: Sandbox) -> None:
    """Stopping a server that does not run does nothing."""
    server = SandboxServer(sandbox)
    await server.stop()
    async with server:
        pass
    await server.stop()


async def test_a_stopped_server_refuses_connections(sandbox: Sandbox) -> None:
    """While the server is stopped nothing can be sent; started again, it is on the same port."""
    server = SandboxServer(sandbox)
    await server.start()
    async with AsyncOpenAI(api_key="k", base_url=server.base_url, max_retries=0) as client:
        await server.stop()
        with pytest.raises(APIConnectionError) as fault:
            await client.models.retrieve("gpt-4")
        assert isinstance(fault.value.__cause__, httpx2.ConnectError)
        assert sandbox.calls.find() == []
        await server.start()
        assert (await client.models.retrieve("gpt-4")).id == "gpt-4"
    await server.stop()
