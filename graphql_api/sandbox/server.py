"""Serves the sandbox on a loopback port."""

import asyncio
from ipaddress import IPv4Network, ip_address
from typing import Generic, Protocol, Self, TypeVar

import uvicorn
from uvicorn.server import ServerState

from graphql_api.address import url_of
from graphql_api.sandbox.app import sandbox_app
from graphql_api.sandbox.stand_in import StandIn
from graphql_api.sandbox.tcp import ExposedProtocol, accept_no_more

LOOPBACK = IPv4Network("127.0.0.0/8")


Kind = TypeVar("Kind", bound=StandIn)


class Announcer(Protocol):
    """Sends the webhooks of a sandbox."""

    async def run(self) -> None:
        """Send what is due, repeatedly; ends by cancellation."""
        ...


class StandInServer(Generic[Kind]):
    """Serves a sandbox over HTTP from ``start`` to ``stop``; as an async context manager it does both.

    Only uvicorn's protocol is used. Its ``Server`` takes over the process's signals, checks only every tenth
    of a second for a stop, and then waits for the very calls meant to hang.
    A stopped server can be started again on the same port. In between, connections are refused.
    """

    def __init__(
        self,
        sandbox: Kind,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        webhooks: Announcer | None = None,
    ) -> None:
        if ip_address(host) not in LOOPBACK:
            raise ValueError(f"the sandbox lets anyone in, so it listens on loopback only, not on {host}")
        self.sandbox = sandbox
        self.host = host
        self.port = port
        self._state = ServerState()
        self._webhooks = webhooks
        self._announcing: asyncio.Task[None] | None = None
        self._listener: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """The base URL for the provider's SDK."""
        return f"{self.root_url}/v1"

    @property
    def root_url(self) -> str:
        """The URL above ``/v1`` and ``/sandbox``."""
        return url_of(self.host, self.port)

    async def start(self) -> None:
        """Listen; port 0 means a free port, kept for later starts."""
        config = uvicorn.Config(
            sandbox_app(self.sandbox), lifespan="off", log_config=None, access_log=False, proxy_headers=False
        )
        config.load()
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: ExposedProtocol(config=config, server_state=self._state, app_state={}),
            host=self.host,
            port=self.port,
        )
        self.port = self._listener.sockets[0].getsockname()[1]
        if self._webhooks:
            self._announcing = asyncio.create_task(self._webhooks.run())

    async def stop(self) -> None:
        """Stop listening, break the connections and drop their calls."""
        if self._listener is None:
            return
        await accept_no_more(self._listener)
        self._listener.close()
        for open_connection in list(self._state.connections):
            open_connection.transport.abort()
        tasks = [*self._state.tasks, *filter(None, [self._announcing])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.wait_closed()
        await asyncio.sleep(0)  # one round of the loop closes the aborted connections
        self._listener = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
