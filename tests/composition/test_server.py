"""The listening socket, the sample data, and the limit of open files."""

import asyncio
import resource
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from graphql_api.composition.server import (
    ACCEPTED_AT_ONCE,
    allow_open_files,
    answering,
    listen,
    places,
)
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError


def test_a_port_in_use_is_told_by_its_settings() -> None:
    """The line has the address and the system's own words."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as refusal:
            listen("127.0.0.1", port, unread_s=1)
    assert str(refusal.value).startswith(
        f"HOST, PORT: cannot listen on 127.0.0.1 port {port}: Address already in use"
    )


def test_an_answer_goes_out_at_once_and_is_not_kept_for_ever() -> None:
    """Small packets are not held back, and unread data ends the connection after the given time."""
    with listen("127.0.0.1", 0, unread_s=1.5) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1500


def test_a_colon_in_the_host_is_ipv6() -> None:
    """The family of the socket goes by it."""
    with listen("::1", 0, unread_s=1) as listener:
        assert (listener.family, listener.getsockname()[0]) == (socket.AF_INET6, "::1")


async def test_a_request_in_flight_is_answered_before_the_end() -> None:
    """The server stops listening and waits for it."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def app(scope: object, receive: object, send: object) -> None:
        asked.set()
        await may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"done"})  # type: ignore[operator]

    with listen("127.0.0.1", 0, unread_s=5) as listener:
        async with answering(app, listener, settings=Settings()):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            await asked.wait()
            asyncio.get_running_loop().call_later(0.05, may_answer.set)
        assert (await reader.read()).endswith(b"\r\n\r\ndone")
        writer.close()
        await writer.wait_closed()


def test_connections_stay_below_the_limit_of_open_files() -> None:
    """However many the setting allows."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
        assert places(Settings()) == 736
        assert places(Settings(max_connections=7)) == 7
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_connections_beyond_the_places_take_no_files_for_long() -> None:
    """A flood of silent ones keeps out nobody, and the number of open files stays bounded."""
    with listen("127.0.0.1", 0, unread_s=5) as listener:
        address = listener.getsockname()
        async with answering(_no_content, listener, settings=Settings(max_connections=10)):
            before = _open_files()
            silent = [await asyncio.open_connection(*address) for _ in range(100)]
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 204 ")
            assert _open_files() - before - len([writer, *silent]) <= 10
            for one in (writer, *(writer for _, writer in silent)):
                one.close()
                with suppress(ConnectionError):
                    await one.wait_closed()


class _Counted(socket.socket):
    """A listening socket that counts the connections taken from it."""

    taken = 0

    def accept(self) -> tuple[socket.socket, Any]:
        accepted = super().accept()
        self.taken += 1
        return accepted


async def test_many_connections_at_once_are_taken_in_portions() -> None:
    """Others have their turn between two; the system keeps the rest, and none has to knock again."""
    with listen("127.0.0.1", 0, unread_s=5) as listener, ExitStack() as opened:
        counted = opened.enter_context(_Counted(fileno=listener.detach()))
        async with answering(_no_content, counted, settings=Settings()):
            while not counted.taken:  # the server has begun to listen
                opened.enter_context(_connected(counted))
                await asyncio.sleep(0.1)
            already = counted.taken
            for _ in range(200):  # in one turn of the loop, so nobody is taken meanwhile
                opened.enter_context(_connected(counted))
            portions = []
            while (before := counted.taken) < already + 200:
                await asyncio.sleep(0)
                portions.append(counted.taken - before)
            assert max(portions) == ACCEPTED_AT_ONCE
            assert sum(portions) == 200


def _connected(listener: socket.socket) -> socket.socket:
    """Connect within the time in which a client whose first packet is dropped does not."""
    return socket.create_connection(listener.getsockname(), timeout=0.9)


async def _no_content(scope: object, receive: object, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    """The soft limit is the hard one then."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], before[1] - 1), before[1]))
        allow_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
