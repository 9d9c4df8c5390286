"""Makes a mongod the primary of its one-member replica set.

One member is enough for change streams and retryable writes. The stored configuration pins host and port. On
another port mongod does not find itself in it and never becomes primary, so the new address is forced in.
This loses nothing, because there is no other member to disagree.
"""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

NAME = "rs0"
_COMMAND_TIMEOUT_MS = 5_000


def direct_client(port: int) -> AsyncMongoClient[dict[str, Any]]:
    """Return a client for the mongod on this loopback port, in any state of it."""
    return AsyncMongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        timeoutMS=_COMMAND_TIMEOUT_MS,
        serverSelectionTimeoutMS=_COMMAND_TIMEOUT_MS,
    )


async def step_towards_primary(client: AsyncMongoClient[dict[str, Any]], *, pid: int, port: int) -> bool:
    """Bring the mongod `pid` one step nearer to primary; return whether it is. Repeat until true.

    A refused command is no error but a reason to try again: for a moment after its start, and after each
    change, mongod answers before it has read its configuration.
    """
    try:
        # Another mongod may have taken the port in the meantime; it must be left alone.
        if (await client.admin.command("serverStatus"))["pid"] != pid:
            return False
        if (await client.admin.command("hello"))["isWritablePrimary"]:
            return True
        await _configure(client, host=f"127.0.0.1:{port}")
    except PyMongoError:
        return False
    return False


async def _configure(client: AsyncMongoClient[dict[str, Any]], *, host: str) -> None:
    config = await client["local"]["system.replset"].find_one()
    if config is None:
        await client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": host}]})
    elif config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        await client.admin.command("replSetReconfig", config, force=True)
