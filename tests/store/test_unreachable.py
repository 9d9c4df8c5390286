"""The reason why no MongoDB was found, in plain words."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError

from chaos.ports import free_port
from graphql_api.store.unreachable import in_plain_words

LIMITS = (
    " (configured timeouts: socketTimeoutMS: 700.0ms, connectTimeoutMS: 700.0ms), Timeout: 1.4s, Topology"
)


async def told(address: str) -> str:
    """Return the words about what is at the address."""
    uri = f"mongodb://{address}/?serverSelectionTimeoutMS=800&connectTimeoutMS=400"
    async with AsyncMongoClient[dict[str, object]](uri) as client:
        with pytest.raises(ServerSelectionTimeoutError) as nobody:
            await client.admin.command("ping")
    return in_plain_words(nobody.value)


@asynccontextmanager
async def answering(answer: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[str]:
    """Yield the address of a server that answers each connection like this."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_address_without_a_server_is_named() -> None:
    """The driver's own words have its time limits and the state of every server."""
    port = free_port()
    assert await told(f"127.0.0.1:{port}") == (
        f"nobody listens at 127.0.0.1:{port}: start MongoDB there, or correct the address"
    )
    assert await told("%2Fnowhere%2Fmongodb.sock") == (
        "there is no socket /nowhere/mongodb.sock: start MongoDB, or correct the address"
    )


async def test_another_kind_of_server_is_told() -> None:
    """One that speaks HTTP, and one that hangs up."""
    async with answering(lambda writer: writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as address:
        assert await told(address) in {
            "what answers there is no MongoDB: correct the address",
            f"{address} closes the connection: it may want TLS (tls=true), or be no MongoDB",
        }
    async with answering(lambda _: None) as address:
        assert await told(address) == (
            f"{address} closes the connection: it may want TLS (tls=true), or be no MongoDB"
        )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "db.example:27017: [Errno -2] Name or service not known" + LIMITS,
            "no host is known as db.example: correct the address",
        ),
        (
            "db.example:27017: timed out" + LIMITS,
            "db.example:27017 does not answer in time: is a firewall in between, or is the address wrong?",
        ),
        (
            "SSL handshake failed: a:1: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate" + LIMITS,
            "a:1 accepts no TLS connection: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate",
        ),
        ("SSL handshake failed: a:1: " + LIMITS, "a:1 accepts no TLS connection"),
        (
            "No replica set members match selector" + LIMITS,
            "the replica set has no primary: check that a majority is up",
        ),
        ("something new" + LIMITS, "something new"),
    ],
)
def test_a_reason_is_told_in_our_words(reason: str, words: str) -> None:
    """As far as it is a known one; the rest stays without the driver's details."""
    assert in_plain_words(ServerSelectionTimeoutError(reason)) == words
