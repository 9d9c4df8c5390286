"""The transport of the HTTP client that connects only where the guard allows.

The guard resolves the name once, checks every address, and hands out what the connection is made to. So no
second answer of the DNS comes between check and use. The URL keeps its name: TLS asks for it and checks the
certificate.
"""

import asyncio
from collections.abc import Iterable
from ssl import SSLContext

import httpcore2
import httpx2

from graphql_api.providers.outbound.bounds import asked_plainly, bounded
from graphql_api.providers.outbound.guard import OutboundGuard, RefusedHostError
from graphql_api.providers.outbound.public_addresses import Address

_MOST_TRIED = 4
"""Of a name with more addresses; each gets a share of the time, and a stranger's list may be long."""


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """Sends requests to what ``guard`` allows; anything else is an ``httpx2.ConnectError`` with the rule.

    No proxy is used: it would look up the name itself.
    """

    def __init__(self, guard: OutboundGuard, *, verify: SSLContext, limits: httpx2.Limits) -> None:
        super().__init__(verify=verify, limits=limits)
        self._guard = guard
        # httpx2 has no parameter for the network backend, so its pool is replaced.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_GuardedNetwork(guard),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. The rules for its URL may have changed since it was set."""
        try:
            self._guard.check(scheme=request.url.scheme, host=request.url.raw_host.decode())
        except RefusedHostError as refused:
            raise httpx2.ConnectError(str(refused)) from None
        return bounded(await super().handle_async_request(asked_plainly(request)))


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    def __init__(self, guard: OutboundGuard) -> None:
        self._guard = guard
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of the host that answers, all within the time limit."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._guard.addresses_of(host, port)
                return await self._first(addresses[:_MOST_TRIED], port, timeout=timeout)
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except (RefusedHostError, OSError) as failed:
            raise httpcore2.ConnectError(str(failed)) from None

    async def _first(
        self, addresses: list[Address], port: int, *, timeout: float | None
    ) -> httpcore2.AsyncNetworkStream:
        failed: Exception = httpcore2.ConnectError("its host has no address")
        share = timeout and timeout / max(1, len(addresses))
        for address in addresses:
            try:
                return await self._network.connect_tcp(str(address), port, timeout=share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed
