"""Makes a mongod the primary of its one-member replica set.

One member is enough for change streams and retryable writes. The stored configuration names the member's
address. That is the socket in the mongod's working directory, so the name is the same wherever the data are.
An older configuration names a port. With it mongod does not find itself and never becomes primary, so the new
address is forced in. This loses nothing, because there is no other member to disagree.
"""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

NAME = "rs0"
HOST = "./mongod.sock"
"""The slash makes it a socket for mongod. An absolute path may be too long, or have a comma."""
_COMMAND_TIMEOUT_MS = 5_000


def direct_client(host: str) -> AsyncMongoClient[dict[str, Any]]:
    """Return a client for the mongod at this address, in any state: also before it has a set."""
    return AsyncMongoClient(
        f"mongodb://{host}",
        directConnection=True,
        timeoutMS=_COMMAND_TIMEOUT_MS,
        serverSelectionTimeoutMS=_COMMAND_TIMEOUT_MS,
    )


async def step_towards_primary(client: AsyncMongoClient[dict[str, Any]]) -> bool:
    """Bring the mongod one step nearer to primary; return whether it is. Repeat until true.

    A refused command is no error but a reason to try again: for a moment after its start, and after each
    change, mongod answers before it has read its configuration.
    """
    try:
        if (await client.admin.command("hello"))["isWritablePrimary"]:
            return True
        await _configure(client)
    except PyMongoError:
        return False
    return False


async def _configure(client: AsyncMongoClient[dict[str, Any]]) -> None:
    config = await client["local"]["system.replset"].find_one()
    if config is None:
        await client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": HOST}]})
    elif config["members"][0]["host"] != HOST:
        config["members"][0]["host"] = HOST
        await client.admin.command("replSetReconfig", config, force=True)
