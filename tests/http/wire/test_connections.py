"""The places of connections."""

import asyncio

import pytest

from graphql_api.http.wire.connections import HEALTH_PLACES, Connections, Place, Room, most_connections


class Connection(asyncio.Transport):
    """A connection that notes its abort."""

    is_aborted = False

    def abort(self) -> None:
        """Note it."""
        self.is_aborted = True


def test_a_newcomer_takes_the_place_of_the_longest_waiting() -> None:
    """Not of one that is at work, and not of one that began to wait later."""
    room, busy, first, second = Room(3), Connection(), Connection(), Connection()
    for one in (busy, first, second):
        assert room.takes(one)
        room.waits(one, for_client=False)
    for one in (second, first):
        room.waits(one, for_client=True)
    assert room.takes(Connection())
    assert (busy.is_aborted, first.is_aborted, second.is_aborted) == (False, False, True)
    assert len(room) == 3


def test_a_room_at_work_is_full() -> None:
    """Until one leaves."""
    room, busy = Room(1), Connection()
    assert room.takes(busy)
    room.waits(busy, for_client=False)
    assert not room.takes(Connection())
    room.leaves(busy)
    assert room.takes(Connection())


def test_a_connection_without_a_place_gets_none_by_waiting() -> None:
    """Otherwise an aborted one would be counted for ever."""
    room, gone = Room(1), Connection()
    room.waits(gone, for_client=True)
    assert len(room) == 0
    assert room.takes(Connection())
    assert not gone.is_aborted


def test_the_last_places_are_for_health_checks() -> None:
    """Nobody gets one after they are at work, too."""
    connections = Connections(1)
    places = []
    for _ in range(HEALTH_PLACES + 2):
        connection = Connection()
        places.append(connections.take_in(connection))
        connections.waits(connection, for_client=False)
    assert places == [Place.REQUESTS, *[Place.HEALTH_CHECKS] * HEALTH_PLACES, Place.NONE]


def test_a_place_is_free_again() -> None:
    """For any request."""
    connections, one = Connections(1), Connection()
    assert connections.take_in(one) is Place.REQUESTS
    connections.waits(one, for_client=False)
    connections.leaves(one)
    assert connections.take_in(Connection()) is Place.REQUESTS


@pytest.mark.parametrize(
    ("wanted", "files", "most"),
    [(10_000, 1_048_576, 10_000), (10_000, 1_024, 736), (10_000, 256, 96), (10, 1_024, 10), (10_000, 8, 1)],
)
def test_connections_leave_files_for_the_rest(wanted: int, files: int, most: int) -> None:
    """For MongoDB, the provider and health checks, also below a low limit."""
    assert most_connections(wanted, files=files) == most
