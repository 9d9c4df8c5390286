"""Judges by a MongoDB's ``hello`` whether it is a writable replica set.

A mongos counts too. The subscriptions need change streams and the guarantees need majorities; no other kind
of MongoDB has both.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import ConfigurationError, PyMongoError
from pymongo.uri_parser import parse_uri

from graphql_api.store.database import Client, connect_to_one

OLDEST = "4.4"
"""The oldest MongoDB supported by PyMongo; our own needs start at 4.2 (pipelines in updates, $$NOW)."""

_LOOK_S = 2.0

CLOCK_TOLERANCE_S = 30
"""Clocks kept by a time server are nearer to each other."""

Hello = Mapping[str, Any]


class Remark(str):
    """An operator's note on a suitable MongoDB."""

    __slots__ = ()


def in_words(found: str | None) -> str:
    """Return one line for a finding on a part of the server, or ``ok``."""
    return f"ok, but {found}" if isinstance(found, Remark) else found or "ok"


async def examine(client: Client, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str | None:
    """Return the MongoDB's shortcoming and its remedy, or a ``Remark`` if it is suitable all the same.

    Costs one command. Raises PyMongo's own error if there is no answer.
    """
    asked_at = now()
    try:
        hello = await client.admin.command("hello")
    except ConfigurationError as refused:
        if "wire version" not in str(refused):
            raise
        return f"MongoDB at {addresses(client)} is older than {OLDEST}: upgrade it"
    wrong = shortcoming(hello)
    if wrong is not None:
        return f"MongoDB at {addresses(client)} {wrong}"
    return _clock_remark(hello["localTime"].replace(tzinfo=UTC), asked_at, now())


async def examine_seeds(uri: str) -> str | None:
    """Return the shortcoming of the first bad server named in the URI, or ``None``.

    This looks at each server by itself, after the driver has found none to ask: the driver does not talk to
    servers of another kind than the URI says.
    """
    if uri.startswith("mongodb+srv://"):
        return None
    named = parse_uri(uri, warn=True)
    options = named["options"]
    tls = {name: value for name, value in options.items() if name.lower().startswith("tls")}
    for host, port in named["nodelist"]:
        async with connect_to_one(host, port, timeout_s=_LOOK_S, tls=tls) as client:
            found = await _look(client, options=options)
        if found is not None:
            return found
    return None


async def _look(client: Client, *, options: Mapping[str, Any]) -> str | None:
    try:
        hello = await client.admin.command("hello")  # a server answers this without credentials, too
    except PyMongoError:
        return None
    wrong = _misnamed(hello, options)
    return None if wrong is None else f"MongoDB at {addresses(client)} {wrong}"


def _misnamed(hello: Hello, options: Mapping[str, Any]) -> str | None:
    """Return this server's shortcoming under these options of the URI."""
    set_name = hello.get("setName")
    if set_name and options.get("replicaSet", set_name) != set_name:
        return f"is in the replica set {set_name}: write replicaSet={set_name} in MONGODB_URI"
    knows_another = "primary" in hello and not hello.get("isWritablePrimary")
    if knows_another and not options.get("directConnection"):
        return None  # the driver goes on to the primary
    return shortcoming(hello)


def shortcoming(hello: Hello) -> str | None:
    """Return the shortcoming of the server with this answer, and its remedy, or ``None``."""
    if hello.get("msg") == "isdbgrid":  # a mongos has only replica sets behind it
        return None
    if hello.get("isreplicaset"):
        return "is a member of a replica set that does not exist yet: run rs.initiate() on it, once"
    if "setName" not in hello:
        return (
            "is not a replica set, so it has neither change streams nor majorities: "
            "start it with --replSet rs0 and run rs.initiate() on it, once"
        )
    if not hello.get("isWritablePrimary"):
        return _without_primary(hello)
    if hello.get("readOnly"):
        return "is read-only: start it without queryableBackupMode"
    return None


def _without_primary(hello: Hello) -> str:
    name = hello["setName"]
    if "primary" in hello:
        return (
            f"is not the primary of its replica set, {hello['primary']} is: "
            f"remove directConnection from MONGODB_URI and write replicaSet={name}"
        )
    return f"is in the replica set {name} without a primary: check that a majority of its members is up"


def _clock_remark(told: datetime, asked_at: datetime, answered_at: datetime) -> Remark | None:
    ahead_s = (told - answered_at).total_seconds()
    behind_s = (asked_at - told).total_seconds()
    if max(ahead_s, behind_s) < CLOCK_TOLERANCE_S:
        return None
    how = f"{ahead_s:.0f} s ahead of" if ahead_s > 0 else f"{behind_s:.0f} s behind"
    return Remark(f"MongoDB's clock is {how} this machine's: set both by the same time server")


def addresses(client: Client) -> str:
    """Return the addresses of all servers, in a line, also of one lost since its answer."""
    return ", ".join(
        sorted(f"{host}:{port}" for host, port in client.topology_description.server_descriptions())
    )
