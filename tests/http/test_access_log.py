"""The access log: a line for each request, if it is switched on."""

from typing import Any

import httpx2
from structlog.testing import capture_logs

from graphql_api.http.access_log import LONGEST_PATH
from tests.http.conftest import client_of
from tests.http.graphql.websocket_client import connected_to
from tests.http.guarded import guarded_server
from tests.world import World


def requests(lines: list[Any]) -> list[dict[str, Any]]:
    """Return the lines about requests."""
    return [line for line in lines if line["event"] == "request"]


async def test_it_is_off_unless_it_is_asked_for(http: httpx2.AsyncClient) -> None:
    """It would cost a busy server a third of its time."""
    with capture_logs() as lines:
        await http.get("/livez")
    assert requests(lines) == []


async def test_each_request_has_its_line(world: World) -> None:
    """Answered, refused or unknown; a query string is in none."""
    async with client_of(world, access_log="on") as http:
        with capture_logs() as lines:
            await http.post("/graphql", json={"query": "{ __typename }"})
            await http.get("/graphql", params={"query": "{ __typename }", "variables": "secret"})
            await http.get(f"/nothing/{'x' * 500}?token=secret")
    told = [(line["method"], line["path"][:11], line["status"]) for line in requests(lines)]
    assert told == [("POST", "/graphql", 200), ("GET", "/graphql", 400), ("GET", "/nothing/xx", 404)]
    assert all(line["address"] == "127.0.0.1" and line["duration_ms"] > 0 for line in requests(lines))
    assert len(requests(lines)[2]["path"]) == LONGEST_PATH
    assert "secret" not in repr(lines)


async def test_a_line_names_the_caller(world: World) -> None:
    """Not its key; a refused one has no name."""
    async with guarded_server(world, access_log="on") as server:
        key = await server.key()
        with capture_logs() as lines:
            await server.ask("{ viewer { tenant } }", key)
            await server.ask("{ viewer { tenant } }")
    assert [(line["status"], line["subject"]) for line in requests(lines)] == [(200, "ci"), (401, None)]
    assert key.text not in repr(lines)


async def test_a_socket_has_its_line_at_its_end(world: World) -> None:
    """With the time that it was open."""
    async with client_of(world, access_log="on") as http:
        with capture_logs() as lines:
            async with connected_to(http.base_url.netloc.decode()):
                assert requests(lines) == []
        (line,) = requests(lines)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/graphql", 101)
