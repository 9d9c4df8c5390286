"""Content negotiation.

The client's wishes meet the server's offers.
"""

import pytest

from graphql_api.http import accept as negotiation
from graphql_api.http.accept import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    LONGEST_KEPT,
    MOST_ENTRIES,
    decodes,
    negotiate,
)

OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
URQL = f"{GRAPHQL_RESPONSE}, application/graphql+json, {JSON}, {EVENT_STREAM}, multipart/mixed"

WISHES: dict[str, tuple[str, str | None]] = {
    "none": ("", JSON),
    "anything": ("*/*", JSON),
    "any application": ("application/*", JSON),
    "JSON": (JSON, JSON),
    "GraphQL": (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
    "capitals": ("Application/GraphQL-Response+JSON", GRAPHQL_RESPONSE),
    "the draft's recommendation": (
        f"{GRAPHQL_RESPONSE}; charset=utf-8, {JSON}; charset=utf-8",
        GRAPHQL_RESPONSE,
    ),
    "the edition's recommendation": (f"{GRAPHQL_RESPONSE}, {JSON};q=0.9", GRAPHQL_RESPONSE),
    "the same the other way round": (f"{JSON};q=0.9, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE),
    "alike, JSON first": (f"{JSON}, {GRAPHQL_RESPONSE}", JSON),
    "alike, beside anything": (f"*/*, {GRAPHQL_RESPONSE}", JSON),
    "anything but JSON": (f"*/*, {JSON};q=0", GRAPHQL_RESPONSE),
    "nothing": ("*/*;q=0", None),
    "less of the family": (f"application/*;q=0.5, {EVENT_STREAM};q=0.6", EVENT_STREAM),
    "the closest range counts": (f"{GRAPHQL_RESPONSE};q=0.1, */*;q=0.5", JSON),
    "an event stream": (EVENT_STREAM, EVENT_STREAM),
    "an event stream rather than JSON": (f"{EVENT_STREAM}, {JSON}", EVENT_STREAM),
    "urql": (URQL, GRAPHQL_RESPONSE),
    "quoted charset": (f'{JSON}; charset="UTF-8"', JSON),
    "another charset": (f"{JSON}; charset=utf-16", None),
    "a bad quality": (f"{JSON};q=high", JSON),
    "no quality": (f"{JSON};q=nan", JSON),
    "a quality below all": (f"{JSON};q=-inf", JSON),
    "a quality out of range": (f"{JSON};q=7, {GRAPHQL_RESPONSE}", JSON),
    "empty entries": (f", ,{GRAPHQL_RESPONSE},", GRAPHQL_RESPONSE),
    "HTML": ("text/html", None),
    "XML": ("application/xml;q=0.9, image/*", None),
    "no media type": ("json", None),
}


@pytest.mark.parametrize(("accept", "chosen"), WISHES.values(), ids=WISHES.keys())
def test_the_client_decides(accept: str, chosen: str | None) -> None:
    """By quality, then by its own order, then by the order of the offers."""
    assert negotiate(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("accept_encoding", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("xgzip", False),
        ("identity", False),
        ("", False),
    ],
)
def test_a_coding_is_used_if_the_client_decodes_it(accept_encoding: str, zipped: bool) -> None:
    """And never if it says that it does not."""
    assert decodes(accept_encoding, "gzip") is zipped


def test_a_long_header_is_not_kept() -> None:
    """A client would choose what stays in memory."""
    before = negotiation._kept.cache_info().currsize
    for number in range(10):
        long = f"{EVENT_STREAM};x={number}{'x' * LONGEST_KEPT}"
        assert negotiate(long, OFFERED) == EVENT_STREAM
    assert negotiation._kept.cache_info().currsize == before
    assert negotiation._kept.cache_info().maxsize == 128


def test_the_entries_of_a_header_are_bounded() -> None:
    """Those behind the most count nothing."""
    others = "text/plain," * (MOST_ENTRIES - 1)
    assert negotiate(others + EVENT_STREAM, OFFERED) == EVENT_STREAM
    assert negotiate(f"{others}text/plain,{EVENT_STREAM}", OFFERED) is None
    assert not decodes("br," * MOST_ENTRIES + "gzip", "gzip")
