"""The TCP connection under a request, for answers that HTTP has no words for."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "sandbox.transport"
"""The key of ``scope["extensions"]`` under which the protocol below hands on the connection's transport."""

LINGER_ZERO = struct.pack("ii", 1, 0)
"""With this ``SO_LINGER`` value a close sends RST instead of FIN."""


class ExposedProtocol(H11Protocol):
    """Uvicorn's protocol, with the transport in the scope: a fault has to be able to break it."""

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
    """Let what was accepted last get its protocol: a listener that closes first leaves its socket open."""
    for listening in listener.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
    for _ in range(3):
        await asyncio.sleep(0)


async def wait_until_gone(receive: Receive) -> None:
    """Return once the client has hung up; the request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection: what was not sent yet never will be."""
    transport = _transport(scope)
    connection = cast("socket.socket", transport.get_extra_info("socket"))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    transport.abort()
    # An application that returned earlier would be taken for one that forgot to answer.
    await wait_until_gone(receive)


async def close(scope: Scope, receive: Receive) -> None:
    """Send what is written so far and close the connection, finished or not."""
    _transport(scope).close()
    await wait_until_gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    try:
        return cast("asyncio.Transport", scope["extensions"][TRANSPORT])
    except KeyError:
        raise RuntimeError("this fault needs the SandboxServer, which reaches the connection") from None
