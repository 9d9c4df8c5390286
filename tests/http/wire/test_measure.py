"""The measure of a request."""

import pytest

from graphql_api.http.wire import refusals
from graphql_api.http.wire.measure import Measure
from graphql_api.http.wire.refusals import RefusedError


def test_a_new_request_is_measured_from_nothing() -> None:
    """On a connection with others before it."""
    measure = Measure()
    for _ in range(3):
        measure.begin()
        measure.url(b"/" * refusals.URL_BYTES)
        for _ in range(refusals.MOST_HEADERS):
            measure.header(b"a", b"b" * 100)
        for _ in range(refusals.MOST_PIECES):
            measure.piece()


def test_a_line_without_an_end_counts() -> None:
    """The parser calls nothing for it."""
    measure = Measure()
    measure.parsed(refusals.HEAD_BYTES, steps_before=measure.steps)
    with pytest.raises(RefusedError) as refused:
        measure.parsed(1, steps_before=measure.steps)
    assert refused.value.refusal is refusals.HEAD_TOO_LARGE


def test_it_counts_together_with_the_lines_before() -> None:
    """They are one head."""
    measure = Measure()
    measure.url(b"/")
    measure.parsed(10, steps_before=0)
    with pytest.raises(RefusedError):
        measure.parsed(refusals.HEAD_BYTES, steps_before=measure.steps)
