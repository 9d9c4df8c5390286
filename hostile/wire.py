"""Requests that are hostile below GraphQL: heads, bodies, sockets, floods."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from hostile.client import CLOSED, Attacker, answer
from hostile.input import Attack, Input, Kind
from hostile.sockets import CONTINUATION, PING, connected, frame, message, opened, subscribe, upgrade

MB = 2**20
HELD_S = 2.0
"""How long the silent ones stay."""
MORE_THAN_FILES = 1_200
"""More connections than the server may have files; `stage.py` gives it a thousand, so a few will do."""
SIXTY_BIG = 60
STEADY_S = 1.8


def _head(*headers: str) -> Attack:
    async def attack(attacker: Attacker) -> str:
        return await attacker.post(b'{"query": "{ __typename }"}', *headers)

    return attack


def _endless_head(line: bytes, times: int) -> Attack:
    """Return the attack: a head of so many of these lines."""

    async def attack(attacker: Attacker) -> str:
        head = attacker.head().removesuffix(b"\r\n")
        block = line * 1_000
        return await attacker.send(head, *[block] * (times // 1_000), b"\r\n")

    return attack


def _endless_line(start: str, megabytes: int) -> Attack:
    """Return the attack: a head with one line of so many megabytes."""

    async def attack(attacker: Attacker) -> str:
        head = attacker.head().removesuffix(b"\r\n") + start.encode()
        return await attacker.send(head, *[b"x" * MB] * megabytes, b"\r\n\r\n")

    return attack


async def _endless_url(attacker: Attacker) -> str:
    return await attacker.send(b"GET /", *[b"x" * MB] * 50, b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def _silent(times: int, *, body: bool = False, request: bytes | None = None) -> Attack:
    """Return the attack: so many connections that never finish what they began."""

    async def attack(attacker: Attacker) -> str:
        begun = attacker.head("POST", "Content-Length: 900000") + b'{"query": "' + b"x" * 100_000
        half = attacker.head("POST", "Content-Length: 20")[:-10]
        return await attacker.hold(times, request or (begun if body else half), seconds=HELD_S)

    return attack


async def _half_open(attacker: Attacker) -> str:
    return await attacker.hold(MORE_THAN_FILES, b"", seconds=HELD_S)


async def _slow_head(attacker: Attacker) -> str:
    """Send a byte now and then, as slow clients do, on many connections."""
    return await _dripping(attacker, attacker.head("POST", "Content-Length: 20"))


async def _slow_body(attacker: Attacker) -> str:
    head = attacker.head("POST", "Content-Length: 900000")
    return await _dripping(attacker, b'{"query": "' + b"x" * 100, before=head)


async def _dripping(attacker: Attacker, drops: bytes, *, before: bytes = b"") -> str:
    async def one() -> str:
        async with attacker.connection() as (reader, writer):
            with suppress(OSError):
                writer.write(before)
                for place in range(int(STEADY_S / 0.1)):
                    writer.write(drops[place : place + 1])
                    await asyncio.sleep(0.1)
            return CLOSED if reader.at_eof() else "open"

    found = await asyncio.gather(*[one() for _ in range(200)])
    return f"{found.count('open')} of {len(found)} open after {STEADY_S:.0f} s"


async def _never_reads(attacker: Attacker) -> str:
    """Ask for much and read nothing."""
    query = b'{"query": "{ __schema { types { name fields { name description } } } }"}'
    request = attacker.head("POST", f"Content-Length: {len(query)}") + query
    return await attacker.hold(20, request * 100, seconds=HELD_S)


async def _pipelined(attacker: Attacker) -> str:
    async with attacker.connection() as (reader, writer):
        query = b'{"query": "{ __typename }"}'
        one = attacker.head("POST", f"Content-Length: {len(query)}") + query
        told = await answer(reader, writer, [one * 5_000])
        with suppress(TimeoutError, OSError, EOFError):
            async with asyncio.timeout(5):
                for _ in range(4_999):
                    await reader.readuntil(b"}}")
        return told


def _on_a_socket(frames: Sequence[bytes], *, ended: int | None = 1) -> Attack:
    """Return the attack: these frames on one acknowledged WebSocket, then one operation."""

    async def attack(attacker: Attacker) -> str:
        try:
            async with connected(attacker) as socket:
                sending = asyncio.create_task(socket.send(*frames, subscribe(99_999, "{ __typename }")))
                told = await socket.until_closed(ended=ended)
                sending.cancel()
                return told
        except EOFError:
            return CLOSED

    return attack


async def _big_inits(attacker: Attacker) -> str:
    """Keep what a client may say before anybody knows it."""
    init = message(type="connection_init", payload={f"k{n}": "x" * 8 for n in range(45_000)})
    return await attacker.hold(SIXTY_BIG, upgrade(attacker), init, seconds=HELD_S)


async def _big_variables(attacker: Attacker) -> str:
    variables = {"undeclared": ["x" * 10] * 60_000}
    query = "subscription { finetuningUpdated { id } }"
    with suppress(EOFError):
        async with connected(attacker) as socket:
            await socket.send(*[subscribe(number, query, variables) for number in range(100)])
            await asyncio.sleep(HELD_S)
            return "100 subscriptions"
    return CLOSED


async def _before_init(attacker: Attacker) -> str:
    async with opened(attacker) as socket:
        await socket.send(*[subscribe(number, "{ __typename }") for number in range(1_000)])
        return await socket.until_closed()


HEADS = [
    Input(name="a header of 100 MB", attack=_endless_line("X: ", 100), times=1),
    Input(name="1,000,000 headers", attack=_endless_head(b"x: y\r\n", 1_000_000), times=1),
    Input(name="Accept of 1 MB", attack=_head("Accept: " + "a/b," * 262_144), times=2),
    Input(name="Accept of 10 MB", attack=_endless_line("Accept: ", 10), times=1),
    Input(name="Accept-Encoding of 1 MB", attack=_head("Accept-Encoding: " + "gzip," * 209_715), times=2),
    Input(name="100,000 Accept headers", attack=_endless_head(b"Accept: a/b\r\n", 100_000), times=1),
    Input(name="a URL of 50 MB", attack=_endless_url, times=1),
    Input(name="Accept with a parameter of 5 MB", attack=_endless_line("Accept: application/json;x=", 5)),
    Input(
        name="a WebSocket handshake with 9 KB",
        attack=lambda attacker: attacker.send(upgrade(attacker, "X: " + "x" * 9_000)),
    ),
]
SILENCE = [
    Input(name="500 half-sent heads", attack=_silent(500), kind=Kind.FLOOD, times=1),
    Input(name="300 bodies that never end", attack=_silent(300, body=True), kind=Kind.FLOOD, times=1),
    Input(name="more half-open sockets than files", attack=_half_open, kind=Kind.FLOOD, times=1),
    Input(name="200 slow heads", attack=_slow_head, kind=Kind.FLOOD, times=1),
    Input(name="200 slow bodies", attack=_slow_body, kind=Kind.FLOOD, times=1),
    Input(name="20 clients that never read", attack=_never_reads, kind=Kind.FLOOD, times=1),
    Input(name="60 inits of 990 KB, kept open", attack=_big_inits, kind=Kind.FLOOD, times=1),
]
FLOODS = [
    Input(name="5,000 pipelined requests", attack=_pipelined, kind=Kind.FLOOD, times=1),
    Input(
        name="3,000 operations on one socket",
        attack=_on_a_socket([subscribe(n, "{ __typename }") for n in range(3_000)], ended=3_001),
        kind=Kind.FLOOD,
        times=1,
    ),
    Input(
        name="300,000 empty fragments on one socket",
        attack=_on_a_socket(
            [frame(is_final=False), frame(kind=CONTINUATION, is_final=False) * 300_000], ended=1
        ),
        kind=Kind.FLOOD,
        times=1,
    ),
    Input(
        name="10,000 pings on one socket",
        attack=_on_a_socket([frame(kind=PING) * 10_000]),
        kind=Kind.FLOOD,
        times=1,
    ),
    Input(name="1,000 operations before the init", attack=_before_init, kind=Kind.FLOOD, times=1),
    Input(name="100 x 980 KB undeclared variables", attack=_big_variables, kind=Kind.FLOOD, times=1),
]
