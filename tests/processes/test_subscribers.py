"""A signal ends subscriptions in order.

No client takes this for their completion.
"""

import asyncio
import resource
import signal
from contextlib import suppress
from time import monotonic

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.http.graphql.event_stream_client import COMPLETE, open_stream
from tests.http.graphql.websocket_client import connected_to, heard, socket_to, subscribe
from tests.processes.client import Client
from tests.processes.command import Commands
from tests.processes.deployment import Deployment
from tests.processes.test_stopping import PROMPT_S

REFUSED = (
    "a page of another site was refused; name the site in CORS_ORIGINS or, "
    "if the page is this server's own, let the proxy keep Host"
)
FOLLOW = 'subscription { finetuningUpdated(finetuningId: "%s") { alias } }'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopping_server_ends_its_subscriptions(
    deployment: Deployment, commands: Commands, number: signal.Signals
) -> None:
    """WebSockets are closed with 1012, event streams end; the process does so, too, promptly and well."""
    server = commands.start("serve", **deployment.settings)
    url = await server.url()
    client = Client(deployment.http, url)
    followed = await client.create(await client.connection())
    query = FOLLOW % followed["id"]
    async with (
        connected_to(url.removeprefix("http://")) as socket,
        httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
        open_stream(http, query) as chunks,
    ):
        await subscribe(socket, query)
        assert (await heard(socket))["type"] == "next"
        assert b"event: next" in await anext(chunk async for chunk in chunks if chunk != b":\n\n")
        started = monotonic()
        exit_code = asyncio.create_task(server.stop(number))
        rest = b"".join([chunk async for chunk in chunks])
        with suppress(ConnectionClosed):
            while True:
                assert (await heard(socket))["type"] == "next"
        assert socket.close_code == 1012
        assert await exit_code == 0
    assert COMPLETE not in rest
    assert monotonic() - started < PROMPT_S
    assert [line["event"] for line in server.log if line["level"] in {"error", "critical"}] == []


async def test_a_server_may_open_as_many_files_as_the_system_allows(
    deployment: Deployment, entry_point: Commands
) -> None:
    """The soft limit of most shells and services at their start is far below the subscribers' need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        server = entry_point.start("serve", **deployment.settings)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await server.url()
    assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (hard, hard)


async def test_a_refused_page_is_one_line_in_the_log(deployment: Deployment, commands: Commands) -> None:
    """A warning with the remedy, and no error: nothing is wrong with the server."""
    server = commands.start("serve", **deployment.settings)
    url = await server.url()
    with pytest.raises(InvalidStatus):
        async with socket_to(url.removeprefix("http://"), origin="https://app.example"):
            pass
    refused = await server.logged(REFUSED)
    assert (refused["level"], refused["origin"]) == ("warning", "https://app.example")
    assert await server.stop() == 0
    assert [line["event"] for line in server.own_log] == ["serving", REFUSED, "stopping"]
