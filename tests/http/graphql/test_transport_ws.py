"""The close codes of graphql-transport-ws.

They are those of the protocol's reference implementation.
"""

import asyncio
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from graphql_api.http.graphql.subscribers import Subscribers
from tests.http.graphql.streams import SETTINGS, Served, Source, app_of, served
from tests.http.graphql.websocket_client import closed, connected_to, say, socket_to, subscribe

DEEP = "[" * 5000
MALFORMED: dict[str, tuple[str | bytes, str]] = {
    "no_json": ("hello", "WebSocket message must be valid JSON"),
    "half": ('{"type":', "WebSocket message must be valid JSON"),
    "nan": ('{"type":"ping","payload":{"a":NaN}}', "WebSocket message must be valid JSON"),
    "lone_surrogate": ('{"type":"ping","payload":{"a":"\\ud800"}}', "WebSocket message must be valid JSON"),
    "deep": (DEEP, "WebSocket message must be valid JSON"),
    "binary": (b'{"type":"ping"}', "WebSocket message type must be text"),
    "null": ("null", "Input should be a valid dictionary or object to extract fields from"),
    "list": ('[{"type":"ping"}]', "Input should be a valid dictionary or object to extract fields from"),
    "no_type": ('{"id":"1"}', "Unable to extract tag using discriminator 'type'"),
    "number_for_type": (
        '{"type":5}',
        "Input tag '5' found using 'type' does not match any of the expected tags:",
    ),
    "unknown_type": (
        '{"type":"start"}',
        "Input tag 'start' found using 'type' does not match any of the expected",
    ),
    "type_of_the_server": ('{"type":"connection_ack"}', "Input tag 'connection_ack' found using 'type'"),
    "long_type": ('{"type":"%s"}' % ("é" * 500), "Input tag 'ééé"),
    "payload_of_a_ping": ('{"type":"ping","payload":[]}', "ping.payload: Input should be a valid dictionary"),
    "payload_of_init": (
        '{"type":"connection_init","payload":"me"}',
        "connection_init.payload: Input should be a valid dictionary",
    ),
    "no_id": ('{"type":"subscribe","payload":{"query":"{hello}"}}', "subscribe.id: Field required"),
    "number_for_id": (
        '{"type":"subscribe","id":1,"payload":{"query":"{hello}"}}',
        "subscribe.id: Input should be a valid string",
    ),
    "empty_id": (
        '{"type":"subscribe","id":"","payload":{"query":"{hello}"}}',
        "subscribe.id: String should have at least 1 character",
    ),
    "no_payload": ('{"type":"subscribe","id":"1"}', "subscribe.payload: Field required"),
    "no_query": ('{"type":"subscribe","id":"1","payload":{}}', "subscribe.payload.query: Field required"),
    "number_for_query": (
        '{"type":"subscribe","id":"1","payload":{"query":1}}',
        "subscribe.payload.query: Input should be a valid string",
    ),
    "list_for_variables": (
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}',
        "subscribe.payload.variables: Input should be a valid dictionary",
    ),
    "number_for_name": (
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","operationName":1}}',
        "subscribe.payload.operationName: Input should be a valid string",
    ),
    "complete_without_id": ('{"type":"complete"}', "complete.id: Field required"),
}


@pytest.mark.parametrize(("frame", "reason"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_message_closes_with_4400(
    streaming: Served, frame: str | bytes, reason: str
) -> None:
    """The reason names the fault, however little room there is for it; nothing is logged as a crash."""
    with capture_logs() as logs:
        async with connected_to(streaming.address) as socket:
            await socket.send(frame)
            code, told = await closed(socket)
    assert code == 4400
    assert told is not None
    assert told.startswith(reason)
    assert logs == []


async def test_a_crash_in_the_connect_hook_closes_with_4500(streaming: Served) -> None:
    """Any exception of it is logged and not told."""
    with capture_logs() as logs:
        async with socket_to(streaming.address, additional_headers={"X-Request-Id": "mine"}) as socket:
            await say(socket, {"type": "connection_init", "payload": {"authorization": "Bearer crash"}})
            assert await closed(socket) == (4500, "Internal server error")
    (line,) = logs
    assert (line["event"], line["log_level"], line["request_id"]) == ("unexpected error", "error", "mine")


async def test_a_refused_caller_closes_with_4403(streaming: Served) -> None:
    """Before anything is acknowledged."""
    async with socket_to(streaming.address) as socket:
        await say(socket, {"type": "connection_init", "payload": {"Authorization": "Bearer nobody"}})
        assert await closed(socket) == (4403, "Forbidden")


async def test_an_operation_before_the_acknowledgement_closes_with_4401(streaming: Served) -> None:
    """Nothing of it is run."""
    async with socket_to(streaming.address) as socket:
        await subscribe(socket, "mutation { add(number: 1) }")
        assert await closed(socket) == (4401, "Unauthorized")
    assert streaming.source.added == 0


async def test_a_second_introduction_closes_with_4429(streaming: Served) -> None:
    """The caller cannot change on the way."""
    async with connected_to(streaming.address) as socket:
        await say(socket, {"type": "connection_init"})
        assert await closed(socket) == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("key", ["1", "long" * 100], ids=["short", "long"])
async def test_a_second_operation_of_the_same_id_closes_with_4409(streaming: Served, key: str) -> None:
    """The first one ends with its connection."""
    async with connected_to(streaming.address) as socket:
        await subscribe(socket, "subscription { silent }", key=key)
        await streaming.source.listening.wait()
        await subscribe(socket, "{ hello }", key=key)
        code, reason = await closed(socket)
    assert (code, reason) == (4409, f"Subscriber for {key} already exists"[:123])
    await streaming.source.closed.wait()


@pytest.mark.parametrize("protocols", [("graphql-ws",), ("mqtt", "soap")], ids=["legacy", "others"])
async def test_another_protocol_closes_with_4406(streaming: Served, protocols: tuple[str, ...]) -> None:
    """The legacy one too: its messages mean something else."""
    async with socket_to(streaming.address, *protocols) as socket:
        assert await closed(socket) == (4406, "Subprotocol not acceptable")


async def test_the_protocol_may_be_one_of_several(streaming: Served) -> None:
    """The one that is spoken is chosen."""
    async with socket_to(streaming.address, "graphql-ws", "graphql-transport-ws") as socket:
        assert socket.subprotocol == "graphql-transport-ws"


async def test_a_client_that_says_nothing_is_closed_with_4408() -> None:
    """It would hold a connection for nothing."""
    async with served(websocket_init_s=0.05) as server, socket_to(server.address) as socket:
        assert await closed(socket) == (4408, "Connection initialisation timeout")


SCOPE = {
    "type": "websocket",
    "path": "/graphql",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
    "subprotocols": ["graphql-transport-ws"],
}


async def test_a_client_that_leaves_while_it_is_closed_is_no_crash() -> None:
    """There is no client to tell, and nothing to log."""
    said: list[Any] = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "{"}]

    async def receive() -> Any:
        return said.pop(0)

    async def send(message: Any) -> None:
        if message["type"] != "websocket.accept":
            raise OSError  # so says uvicorn that the client is gone

    app = app_of(Source(), Subscribers(most=1, keep_alive_s=15))
    with capture_logs() as logs:
        await app({**SCOPE}, receive, send)
    assert (said, logs) == ([], [])


async def test_a_message_that_crosses_the_close_is_no_crash() -> None:
    """For any message: the connection is over."""
    said: list[Any] = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "{"}]
    is_closed = asyncio.Event()
    sent: list[Any] = []

    async def receive() -> Any:
        if sent:
            await is_closed.wait()
        return said.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.close":
            is_closed.set()

    app = app_of(
        Source(),
        Subscribers(most=1, keep_alive_s=15),
        settings=SETTINGS.model_copy(update={"websocket_init_s": 0.01}),
    )
    with capture_logs() as logs:
        await app({**SCOPE}, receive, send)
    assert [one.get("code") for one in sent] == [None, 4408]
    assert (said, logs) == ([], [])


async def test_a_client_that_leaves_amid_a_stream_is_no_crash() -> None:
    """Its operation finds out before the connection does, and ends without a word."""
    follow = {"type": "subscribe", "id": "1", "payload": {"query": "subscription { count(to: 2) }"}}
    said: list[Any] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": '{"type":"connection_init"}'},
        {"type": "websocket.receive", "text": orjson.dumps(follow).decode()},
        {"type": "websocket.disconnect", "code": 1006},
    ]
    is_lost = asyncio.Event()

    async def receive() -> Any:
        if len(said) == 1:
            await is_lost.wait()
            await asyncio.sleep(0)
        return said.pop(0)

    async def send(message: Any) -> None:
        if '"next"' in message.get("text", ""):
            is_lost.set()
            raise OSError

    app = app_of(Source(), Subscribers(most=1, keep_alive_s=15))
    with capture_logs() as logs:
        await app({**SCOPE}, receive, send)
    assert (said, logs) == ([], [])
