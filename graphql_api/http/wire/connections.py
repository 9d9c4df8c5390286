"""The places of open connections: fewer than the process may open files."""

import asyncio
from contextlib import suppress
from enum import Enum, auto

FILES_KEPT = 256
"""The files for MongoDB, the provider, the logs, and connections accepted at this moment."""
HEALTH_PLACES = 32
"""The places beyond the others, for health checks."""
HEALTH_PATHS = (b"/livez", b"/readyz")


class Stage(Enum):
    """What a connection waits for."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()


class Place(Enum):
    """What a new connection may do."""

    REQUESTS = auto()
    HEALTH_CHECKS = auto()
    NONE = auto()


class Room:
    """At most ``most`` connections; a newcomer takes the place of the one that waits longest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: set[asyncio.Transport] = set()
        self._waiting: dict[asyncio.Transport, None] = {}

    def __len__(self) -> int:
        return len(self._inside)

    def takes(self, connection: asyncio.Transport) -> bool:
        """Take the connection in, or return false if all places are in use."""
        if len(self._inside) >= self._most and not self._drops_one():
            return False
        self._inside.add(connection)
        self._waiting[connection] = None
        return True

    def waits(self, connection: asyncio.Transport, *, for_client: bool) -> None:
        """Note whether the connection waits for its client; only then it may be dropped."""
        if not for_client:
            self._waiting.pop(connection, None)
        elif connection in self._inside:
            self._waiting[connection] = None

    def leaves(self, connection: asyncio.Transport) -> None:
        """Free the connection's place, if it has one."""
        self._inside.discard(connection)
        self._waiting.pop(connection, None)

    def _drops_one(self) -> bool:
        with suppress(StopIteration):
            longest = next(iter(self._waiting))
            self.leaves(longest)
            longest.abort()
            return True
        return False


class Connections:
    """The open connections of one server; beyond ``most`` there are places for health checks alone."""

    def __init__(self, most: int) -> None:
        self._rooms = {Place.REQUESTS: Room(most), Place.HEALTH_CHECKS: Room(HEALTH_PLACES)}

    def take_in(self, connection: asyncio.Transport) -> Place:
        """Return the new connection's place."""
        return next((place for place, room in self._rooms.items() if room.takes(connection)), Place.NONE)

    def waits(self, connection: asyncio.Transport, *, for_client: bool) -> None:
        """Note whether the connection waits for its client."""
        for room in self._rooms.values():
            room.waits(connection, for_client=for_client)

    def leaves(self, connection: asyncio.Transport) -> None:
        """Free the connection's place."""
        for room in self._rooms.values():
            room.leaves(connection)


def most_connections(wanted: int, *, files: int) -> int:
    """Return how many connections fit below the limit of open files."""
    return max(1, min(wanted, files - HEALTH_PLACES - min(FILES_KEPT, files // 2)))
