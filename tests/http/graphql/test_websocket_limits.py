"""The limits of WebSockets.

They are counts, origins, silence, slow readers, and the server's end.
"""

import asyncio
import json
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graphql_api.access.gate import OPEN
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.http.graphql.persisted import SentDocuments
from graphql_api.http.graphql.transport_ws import Client
from graphql_api.http.graphql.websocket import LARGEST_INIT_BYTES
from graphql_api.metrics import Metrics
from graphql_api.schema.workload import Workload
from tests.http.graphql.streams import Served, served
from tests.http.graphql.websocket_client import (
    ACK,
    HELLO,
    asked,
    closed,
    connected_to,
    heard,
    say,
    socket_to,
    subscribe,
)


async def test_operations_are_limited_per_connection() -> None:
    """One too many is refused with a code; the others go on, and a place that is left can be taken."""
    async with served(max_operations=2) as server, connected_to(server.address) as socket:
        await subscribe(socket, "subscription { silent }", key="a")
        await subscribe(socket, "subscription { silent }", key="b")
        (errors,) = await asked(socket, "{ hello }")
        assert errors == [
            {
                "message": "A connection may have at most 2 operations at once.",
                "extensions": {"code": "TOO_MANY_OPERATIONS"},
            }
        ]
        await say(socket, {"type": "complete", "id": "a"})
        assert await asked(socket, "{ hello }") == HELLO
        assert server.source.open == 1


def test_the_operations_of_a_socket_share_one_workload() -> None:
    """Else each would have its own turns and its own limit of cost."""

    def context_for(_request_id: str, _caller: Caller) -> SimpleNamespace:
        return SimpleNamespace(workload=Workload())

    client = Client(
        request_id="test",
        most_operations=2,
        documents=SentDocuments(),
        metrics=Metrics(),
        context_for=context_for,
        watch=OPEN.watch,
        scope={},
        caller=ANONYMOUS,
    )
    assert client.new_context().workload is client.new_context().workload


async def test_messages_are_limited_in_size() -> None:
    """The largest is read, one more byte closes with WebSocket's own code."""
    empty = '{"type":"ping","payload":{"a":""}}'
    async with served(max_body_bytes=200) as server, connected_to(server.address) as socket:
        await socket.send(empty.replace('""', '"%s"' % ("x" * (200 - len(empty)))))
        assert await heard(socket) == {"type": "pong"}
        await socket.send(empty.replace('""', '"%s"' % ("x" * (201 - len(empty)))))
        code, _ = await closed(socket)
    assert code == 1009


TOO_LARGE = (4400, f"connection_init: at most {LARGEST_INIT_BYTES} bytes")


async def _heard_or_closed(socket: ClientConnection) -> Any:
    """Return the next message, or else the close."""
    try:
        return await heard(socket)
    except ConnectionClosed:
        return socket.close_code, socket.close_reason


async def test_connection_init_is_limited_in_size() -> None:
    """The largest is taken, and one more byte ends the connection without an acknowledgement."""
    empty = len('{"type":"connection_init","payload":{"a":"é"}}'.encode())
    async with served() as server:
        for size_bytes, answer in ((LARGEST_INIT_BYTES, ACK), (LARGEST_INIT_BYTES + 1, TOO_LARGE)):
            async with socket_to(server.address) as socket:
                payload = {"a": "é" + "x" * (size_bytes - empty)}
                await say(socket, {"type": "connection_init", "payload": payload})
                assert await _heard_or_closed(socket) == answer


async def test_a_large_message_of_an_unknown_client_is_not_parsed() -> None:
    """Whatever it is: it ends the connection before anybody sees that it is no JSON."""
    async with served() as server, socket_to(server.address) as socket:
        await say(socket, {"type": "ping"})
        assert await heard(socket) == {"type": "pong"}
        await socket.send("x" * (LARGEST_INIT_BYTES + 1))
        assert await closed(socket) == TOO_LARGE


async def test_a_large_message_right_behind_connection_init_is_read() -> None:
    """The client is known by then."""
    name = "x" * LARGEST_INIT_BYTES
    async with served() as server, socket_to(server.address) as socket:
        await say(socket, {"type": "connection_init"})
        await subscribe(socket, "query ($name: String!) { hello(name: $name) }", variables={"name": name})
        assert await heard(socket) == ACK
        assert (await heard(socket))["payload"] == {"data": {"hello": f"hello {name}"}}


async def test_connections_are_limited_per_process() -> None:
    """One too many is refused before the handshake; a place that is left can be taken."""
    async with served(max_subscribers=1) as server:
        async with connected_to(server.address):
            with pytest.raises(InvalidStatus) as refused:
                async with socket_to(server.address):
                    pass
        assert refused.value.response.status_code == 503
        assert b'"SERVICE_UNAVAILABLE"' in refused.value.response.body
        assert len(refused.value.response.headers["X-Request-Id"]) == 32
        async with connected_to(server.address) as socket:
            assert await asked(socket, "{ hello }") == HELLO


FOREIGN = [
    "https://evil.example",
    "null",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1.evil.example",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_site_may_not_connect(streaming: Served, origin: str) -> None:
    """Its visitor's browser would lend it the visitor's rights."""
    with capture_logs() as logs, pytest.raises(InvalidStatus) as refused:
        async with socket_to(streaming.address, origin=origin):
            pass
    response = refused.value.response
    assert (response.status_code, json.loads(response.body)["code"]) == (403, "FORBIDDEN")
    assert len(response.headers["X-Request-Id"]) == 32
    (logged,) = logs
    assert (logged["origin"], logged["host"]) == (origin, streaming.address)
    assert "CORS_ORIGINS" in logged["event"]


async def test_a_proxy_that_rewrites_host_makes_our_page_another_sites(streaming: Served) -> None:
    """Except for a browser's own word, as over HTTPS."""
    page = {"Origin": "https://api.example", "Sec-Fetch-Site": "same-origin"}
    async with connected_to(streaming.address, additional_headers=page) as socket:
        assert await asked(socket, "{ hello }") == HELLO
    with pytest.raises(InvalidStatus):
        async with socket_to(streaming.address, origin=page["Origin"]):
            pass


async def test_our_own_page_and_configured_ones_may_connect() -> None:
    """And so may all that are no browsers, since they send no origin."""
    async with served(origins=("https://app.example",)) as server:
        for origin in (f"http://{server.address}", "https://app.example", None):
            async with connected_to(server.address, origin=origin) as socket:
                assert await asked(socket, "{ hello }") == HELLO


async def test_a_client_that_answers_no_ping_is_closed() -> None:
    """Its network is gone, and no message would ever tell."""
    async with served(keep_alive_s=0.05) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HANDSHAKE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        frames = await reader.read()
        writer.close()
    ping, close = frames[:6], frames[6:]
    assert ping[:2] == b"\x89\x04"
    assert (close[0], int.from_bytes(close[2:4], "big")) == (0x88, 1011)


HANDSHAKE = b"\r\n".join(
    [
        b"GET /graphql HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Protocol: graphql-transport-ws",
        b"",
        b"",
    ]
)


async def test_a_client_that_answers_pings_stays() -> None:
    """However little it has to say."""
    async with served(keep_alive_s=0.05) as server, connected_to(server.address) as socket:
        await subscribe(socket, "subscription { silent }")
        await asyncio.sleep(0.3)  # several pings of the server's, on its own clock
        server.source.goes_on.set()
        assert (await heard(socket))["payload"] == {"data": {"silent": 1}}


async def test_a_reader_that_stands_still_is_not_pulled_for(streaming: Served) -> None:
    """Its source waits, nothing piles up in memory, and others are served."""
    address = streaming.address
    async with connected_to(address) as slow, connected_to(address) as quick:
        slow.transport.pause_reading()
        await subscribe(slow, "subscription { flood }")
        await streaming.source.listening.wait()
        pulled = -1
        while pulled < streaming.source.pulled:
            pulled = streaming.source.pulled
            for _ in range(50):
                assert await asked(quick, "{ hello }") == HELLO
        assert pulled < 200
        assert not streaming.source.closed.is_set()
        slow.transport.abort()
        await streaming.source.closed.wait()


async def test_a_reader_that_stands_still_for_long_loses_its_connection() -> None:
    """Else it would keep its place and its source for ever: no close frame reaches it."""
    async with served(keep_alive_s=0.2) as server, connected_to(server.address) as slow:
        slow.transport.pause_reading()
        await subscribe(slow, "subscription { flood }")
        async with asyncio.timeout(10):
            await server.source.closed.wait()
        slow.transport.abort()


async def test_a_stopping_server_closes_with_1012() -> None:
    """At once, amid anything; every source is closed, and clients know that they may connect again."""
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(served())
        async with connected_to(server.address) as busy, socket_to(server.address) as new:
            await subscribe(busy, "subscription { silent }")
            await server.source.listening.wait()
            async with asyncio.timeout(5):
                await running.aclose()
            assert [await closed(one) for one in (busy, new)] == [(1012, ""), (1012, "")]
        assert server.source.closed.is_set()


async def test_a_stopping_server_does_not_wait_for_a_reader_that_stands_still() -> None:
    """Longer than for any request in flight."""
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(served(shutdown_s=1))
        async with connected_to(server.address) as slow:
            slow.transport.pause_reading()
            await subscribe(slow, "subscription { flood }")
            await server.source.listening.wait()
            async with asyncio.timeout(5):
                await running.aclose()
            assert server.source.closed.is_set()
            slow.transport.abort()
