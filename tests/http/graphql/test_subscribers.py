"""The connections of subscribers: counted while they are open."""

from contextlib import suppress

from graphql_api.http.graphql.subscribers import Subscribers


def test_each_open_connection_counts() -> None:
    """The last free place is taken, and given back, also by one that breaks."""
    subscribers = Subscribers(most=1, keep_alive_s=15)
    assert not subscribers.are_too_many
    with suppress(RuntimeError), subscribers.one_more():
        assert subscribers.are_too_many
        raise RuntimeError
    assert not subscribers.are_too_many


def test_without_a_place_nobody_connects() -> None:
    """Zero switches subscriptions off."""
    assert Subscribers(most=0, keep_alive_s=15).are_too_many
