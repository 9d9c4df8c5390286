"""Strangers who send canaries in their headers and in the introductions of their sockets."""

import json

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.processes.canaries import (
    IN_HEADERS,
    IN_SOCKET,
    OF_COMMANDS,
    OF_SETTINGS,
    OF_TOKENS,
    WEBHOOK_SECRET,
    Seen,
)
from tests.providers.openai.test_webhooks import headers_of


async def ask_as_strangers(http: httpx2.AsyncClient, url: str, seen: Seen) -> None:
    """Send each header with a canary, alone and with the rest, in good requests and malformed ones."""
    tokens = (
        {"authorization": f"Bearer {OF_TOKENS}"},
        {"authorization": f"Basic {OF_SETTINGS['openai_api_key']}"},
    )
    foreign = {"authorization": f"Bearer ftk_{'0' * 24}_{OF_COMMANDS}"}
    for headers in (*({name: value} for name, value in IN_HEADERS.items()), IN_HEADERS, *tokens, foreign):
        for content in (b'{"query": "{ viewer { tenant } }"}', b"{", b'{"query": "{"}', b"[]", b"\xff"):
            answer = await http.post(
                f"{url}/graphql", content=content, headers={**headers, "content-type": "application/json"}
            )
            seen.note(answer.text, answer.headers)
        for method, path in (
            ("GET", "/graphql?query={viewer{tenant}}"),
            ("PUT", "/graphql"),
            ("GET", "/metrics"),
            ("GET", "/nowhere"),
            ("POST", "/webhooks/openai"),
            ("POST", "/api/v1/finetunings/x/cancel"),
        ):
            answer = await http.request(method, f"{url}{path}", headers=headers)
            seen.note(answer.text, answer.headers)
        answer = await http.get(url, headers={**headers, "host": "elsewhere"})
        seen.note(answer.status_code, answer.text, answer.headers)
    signed = headers_of(b"{}", secret=WEBHOOK_SECRET)
    for changes in ({}, {"webhook-timestamp": "1"}, {"webhook-signature": f"v1,{IN_SOCKET}"}):
        answer = await http.post(f"{url}/webhooks/openai", content=b"{}", headers={**signed, **changes})
        seen.note(answer.text)


async def introduce_sockets(address: str, seen: Seen) -> None:
    """Introduce a socket with a canary, and in words that are none."""
    payloads = ({"Authorization": f"Bearer {IN_SOCKET}"}, {"token": IN_SOCKET}, IN_SOCKET)
    for payload in payloads:
        async with connect(
            f"ws://{address}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"Cookie": IN_HEADERS["cookie"]},
            proxy=None,
        ) as socket:
            try:
                await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
                while True:
                    seen.note(await socket.recv())
            except ConnectionClosed:
                seen.note(socket.close_code, socket.close_reason)
