"""The answers of refusals."""

import json

import pytest

from graphql_api.http.wire import refusals
from graphql_api.http.wire.refusals import Refusal

ALL = [one for one in vars(refusals).values() if isinstance(one, Refusal)]
CODES = {
    400: "BAD_REQUEST",
    408: "REQUEST_TIMEOUT",
    413: "CONTENT_TOO_LARGE",
    414: "URI_TOO_LONG",
    431: "REQUEST_HEADER_FIELDS_TOO_LARGE",
    503: "SERVICE_UNAVAILABLE",
}


@pytest.mark.parametrize("refusal", ALL, ids=lambda one: one.detail)
def test_a_refusal_is_a_whole_answer(refusal: Refusal) -> None:
    """With a problem as its body, and the headers of every other answer."""
    told = refusal.answer(request_id="an-id", default_headers=[(b"date", b"today")])
    head, _, body = told.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first.startswith(f"HTTP/1.1 {refusal.status} ")
    headers = dict(line.split(": ") for line in lines)
    assert headers["content-length"] == str(len(body))
    assert (headers["date"], headers["x-request-id"], headers["connection"]) == ("today", "an-id", "close")
    assert headers["cache-control"] == "no-store"
    assert json.loads(body) == {
        "title": first.split(" ", 2)[2],
        "status": refusal.status,
        "detail": refusal.detail,
        "code": CODES[refusal.status],
    }
