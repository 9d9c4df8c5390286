"""Documents by name over WebSocket.

The members are the same as over HTTP.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import client_of
from tests.http.graphql.streams import Served, served
from tests.http.graphql.websocket_client import HELLO, asked, connected_to
from tests.world import World

QUERY = "{ hello }"
HASH = sha256(QUERY.encode()).hexdigest()


async def test_a_hash_is_enough_once_the_document_was_sent() -> None:
    """Before, the client is told to send it."""
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}
    async with served(persisted_queries="automatic") as server, connected_to(server.address) as socket:
        (errors,) = await asked(socket, "", extensions=extensions)
        assert errors == [
            {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
        ]
        assert await asked(socket, QUERY, extensions=extensions) == HELLO
        assert await asked(socket, "", extensions=extensions) == HELLO


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "BAD_REQUEST"),
        ({"documentId": "a"}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"extensions": {"persistedQuery": 1}}, "BAD_REQUEST"),
        ({"documentId": 1}, "BAD_REQUEST"),
    ],
)
async def test_no_document_is_an_error_of_its_operation(
    streaming: Served, payload: dict[str, Any], code: str
) -> None:
    """The connection goes on."""
    async with connected_to(streaming.address) as socket:
        (errors,) = await asked(socket, "", **payload)
        assert [error["extensions"] for error in errors] == [{"code": code}]
        assert await asked(socket, QUERY) == HELLO


async def test_trusted_documents_are_all_that_is_run(world: World, tmp_path: Path) -> None:
    """By their names or as they are, as over HTTP."""
    file = tmp_path / "persisted-documents.json"
    file.write_text(json.dumps({"a": "{ __typename }"}))
    run = [{"data": {"__typename": "Query"}}, None]
    async with (
        client_of(world, trusted_documents=file) as http,
        connected_to(http.base_url.netloc.decode()) as socket,
    ):
        assert await asked(socket, "", documentId="a") == run
        assert await asked(socket, "{ __typename }") == run
        refused = [await asked(socket, "", documentId="b"), await asked(socket, "{ a: __typename }")]
    codes = [errors[0]["extensions"]["code"] for (errors,) in refused]
    assert codes == ["PERSISTED_QUERY_NOT_IN_LIST", "QUERY_NOT_IN_SAFELIST"]
