"""The TCP connection under a request, for faults below HTTP."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "sandbox.transport"
"""The protocol below puts the connection's transport into ``scope["extensions"]`` under this key."""

LINGER_ZERO = struct.pack("ii", 1, 0)
"""With this ``SO_LINGER`` value a close sends RST instead of FIN."""


class ExposedProtocol(H11Protocol):
    """Uvicorn's protocol with the transport in the scope, because a fault must be able to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Wrap the application for this connection."""
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)


def _with_transport(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def exposed(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[TRANSPORT] = transport
        # Uvicorn logs a cancelled call as a failure; here it only means that the server was stopped.
        with suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return exposed


async def accept_no_more(listener: asyncio.Server) -> None:
    """Accept no more connections, and let the last ones get their protocols.

    A listener closed before that leaves their sockets open.
    """
    for listening in listener.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
    for _ in range(3):
        await asyncio.sleep(0)


async def wait_until_gone(receive: Receive) -> None:
    """Wait for the client to hang up; the request's body must be read before."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection; unsent bytes are lost."""
    transport = _transport(scope)
    connection = cast("socket.socket", transport.get_extra_info("socket"))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    transport.abort()
    # If the application returned earlier, uvicorn would report a forgotten answer.
    await wait_until_gone(receive)


async def close(scope: Scope, receive: Receive) -> None:
    """Send the bytes written so far and close the connection, finished or not."""
    _transport(scope).close()
    await wait_until_gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    try:
        return cast("asyncio.Transport", scope["extensions"][TRANSPORT])
    except KeyError:
        raise RuntimeError("this fault needs the SandboxServer, which reaches the connection") from None
