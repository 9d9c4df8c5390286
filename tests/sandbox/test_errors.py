"""Refusals have the form of OpenAI's API."""

import json

from graphql_api.sandbox.errors import ApiError


def test_a_refusal_has_openais_four_fields() -> None:
    """A plain one is a 400 with two nulls; headers go along."""
    answer = ApiError("No.").response(headers={"retry-after": "2"})
    assert answer.status_code == 400
    assert answer.headers["retry-after"] == "2"
    assert json.loads(bytes(answer.body)) == {
        "error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    }
