"""Inputs that held from the first day: each is answered at once, and has to stay so."""

from hostile.client import Attacker
from hostile.input import Input
from hostile.sockets import connected, frame

MB = 2**20


async def _deep_json(attacker: Attacker) -> str:
    return await attacker.post(b'{"query": ' + b"[" * 100_000)


async def _bad_utf8(attacker: Attacker) -> str:
    return await attacker.post(b'{"query": "\xff\xfe"}')


async def _nul(attacker: Attacker) -> str:
    return await attacker.post(b'{"query": "{ a\\u0000 }"}\x00')


async def _big_body(attacker: Attacker) -> str:
    return await attacker.send(attacker.head("POST", f"Content-Length: {100 * MB}"), *[b"x" * MB] * 100)


async def _wrong_length(attacker: Attacker) -> str:
    return await attacker.send(attacker.head("POST", "Content-Length: -1"), b"{}")


async def _two_lengths(attacker: Attacker) -> str:
    return await attacker.send(attacker.head("POST", "Content-Length: 2", "Content-Length: 3"), b"{}x")


async def _garbage(attacker: Attacker) -> str:
    return await attacker.send(bytes(range(256)) * 100)


async def _tls(attacker: Attacker) -> str:
    return await attacker.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))


async def _big_frame(attacker: Attacker) -> str:
    async with connected(attacker) as socket:
        await socket.send(frame(b"x" * 2 * MB))
        return await socket.until_closed()


async def _endless_frame(attacker: Attacker) -> str:
    async with connected(attacker) as socket:
        await socket.send(b"\x81\xff" + (2**62).to_bytes(8, "big") + bytes(1_000))
        return await socket.until_closed()


async def _binary_frame(attacker: Attacker) -> str:
    async with connected(attacker) as socket:
        await socket.send(frame(b"\x00\xff", kind=0x2))
        return await socket.until_closed()


WIRE_HELD = [
    Input(name=name, attack=attack)
    for name, attack in {
        "JSON 100,000 deep": _deep_json,
        "bad UTF-8": _bad_utf8,
        "a NUL in the document and behind it": _nul,
        "a body of 100 MB": _big_body,
        "a negative length": _wrong_length,
        "two lengths": _two_lengths,
        "garbage": _garbage,
        "TLS on the plain port": _tls,
        "a frame of 2 MB": _big_frame,
        "a frame of 2^62 bytes": _endless_frame,
        "a binary frame": _binary_frame,
    }.items()
]
