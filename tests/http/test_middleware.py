"""The layers around every request.

They give it an id, and bound its body.
"""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from graphql_api.composition.app import build_worker_app
from tests.http.conftest import SETTINGS, client_of, resources_of
from tests.world import World

LIMIT = SETTINGS.max_body_bytes
CANCEL_URL = "/api/v1/finetunings/65f0c0ffee65f0c0ffee65f0/cancel"
TOO_LARGE = f"The body must have at most {LIMIT} bytes."
JSON = {"content-type": "application/json"}
PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/livez", "/graphql", CANCEL_URL, "/nothing"])
async def test_a_sane_request_id_comes_back(quick_http: httpx2.AsyncClient, path: str) -> None:
    """In any answer."""
    response = await quick_http.post(path, headers={"X-Request-Id": "Client-1_2.3"})
    assert response.headers.get_list("X-Request-Id") == ["Client-1_2.3"]


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/nothing", 404)])
async def test_a_worker_tells_the_id_and_has_the_same_errors(world: World, path: str, status: int) -> None:
    """It serves less, and answers alike."""
    transport = httpx2.ASGITransport(build_worker_app(SETTINGS, resources_of(world)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://worker") as http:
        response = await http.get(path, headers={"X-Request-Id": "ours"})
    assert (response.status_code, response.headers["X-Request-Id"]) == (status, "ours")
    if status == 404:
        assert (response.headers["content-type"], response.json()["code"]) == (PROBLEM, "NOT_FOUND")


async def test_a_websocket_where_there_is_none_is_answered_with_its_id(http: httpx2.AsyncClient) -> None:
    """As every other request for nothing is."""
    url = f"ws://{http.base_url.host}:{http.base_url.port}/nothing"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, proxy=None, additional_headers={"X-Request-Id": "ours"}):
            pass
    response = refused.value.response
    assert (response.status_code, response.headers["X-Request-Id"]) == (404, "ours")
    assert response.headers["content-type"] == PROBLEM


async def test_a_request_without_an_id_gets_one(quick_http: httpx2.AsyncClient) -> None:
    """A new one each time."""
    ids = [(await quick_http.get("/livez")).headers["X-Request-Id"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(len(one) == 32 and one.isalnum() for one in ids)


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 129, "é".encode(), b"a\tb", b"<script>", b"a/b"])
async def test_an_insane_request_id_is_replaced(quick_http: httpx2.AsyncClient, given: bytes) -> None:
    """It would end up in logs and pages."""
    response = await quick_http.get("/livez", headers=[(b"x-request-id", given)])
    (request_id,) = response.headers.get_list("X-Request-Id")
    assert request_id.encode() != given
    assert len(request_id) == 32


async def chunks(size_bytes: int) -> AsyncIterator[bytes]:
    """Yield a JSON body of this size, without announcing it."""
    yield b"{}"
    for start in range(2, size_bytes, 100_000):
        yield b" " * min(100_000, size_bytes - start)


async def test_a_large_body_is_refused_by_rest(world: World) -> None:
    """Announced or not, it is not read to its end."""
    async with client_of(world) as http:
        announced = await http.post(CANCEL_URL, content=b"{}" + b" " * (LIMIT - 1))
        arriving = await http.post(CANCEL_URL, content=chunks(LIMIT + 1))
    for response in (announced, arriving):
        assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
        assert (response.json()["code"], response.json()["detail"]) == ("CONTENT_TOO_LARGE", TOO_LARGE)
        assert response.headers["X-Request-Id"]


async def test_a_large_body_is_refused_by_graphql(world: World) -> None:
    """In GraphQL's own error format."""
    async with client_of(world) as http:
        announced = await http.post("/graphql", content=b"{}" + b" " * (LIMIT - 1), headers=JSON)
        arriving = await http.post("/graphql", content=chunks(LIMIT + 1), headers=JSON)
    for response in (announced, arriving):
        assert response.status_code == 413
        assert response.json() == {
            "errors": [{"message": TOO_LARGE, "extensions": {"code": "CONTENT_TOO_LARGE"}}]
        }


async def test_a_body_of_the_largest_size_is_read(world: World) -> None:
    """The limit is inclusive, announced or not."""
    query = json.dumps({"query": "{ __typename }"}).encode()
    async with client_of(world) as http:
        announced = await http.post("/graphql", content=query.ljust(LIMIT), headers=JSON)
        arriving = await http.post(CANCEL_URL, content=chunks(LIMIT), headers=JSON)
    assert announced.json() == {"data": {"__typename": "Query"}}
    assert arriving.json()["code"] == "FINETUNING_NOT_FOUND"
