"""Addresses of servers, as people open them."""

import pytest

from graphql_api.address import url_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),  # noqa: S104  nobody listens
        ("::1", "http://[::1]:1"),
        ("::", "http://[::1]:1"),
        ("db.example", "http://db.example:1"),
    ],
)
def test_addresses_can_be_opened(host: str, url: str) -> None:
    """As every command shows them: an IPv6 address in brackets, any address as the machine's own."""
    assert url_of(host, 1) == url
