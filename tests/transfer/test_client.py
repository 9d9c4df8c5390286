"""The client of a server, and its one line about a wrong address or a missing connection."""

import asyncio
from contextlib import closing

import pytest
from bson import ObjectId

from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import ServerError
from tests.transfer.conftest import Shell
from tests.transfer.lines import RIGHT
from tests.transfer.servers import answering, refusal


@pytest.mark.parametrize("command", ["import", "export"])
async def test_a_connection_that_is_not_there_is_told(shell: Shell, command: str) -> None:
    """An unknown id and an unknown name; an existing file is left as it was."""
    path = shell.file([RIGHT])
    unknown = str(ObjectId())
    result = await shell.run(command, path, to=unknown)
    told = f"Error: there is no database connection {unknown} at {shell.url}\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)
    result = await shell.run(command, path, to="x")
    assert result.stderr == f"Error: there is no database connection 'x' at {shell.url}\n"
    assert shell.lines(path) == [RIGHT]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("{}/graph", "{}/graph does not answer as a GraphQL server does (HTTP 404)"),
        (
            "http://127.0.0.1:1/graphql",
            (
                "no server answers at http://127.0.0.1:1/graphql; "
                "start one with `graphql-api serve`, or give its address with --url"
            ),
        ),
        ("here", "here did not answer: Request URL is missing an 'http://' or 'https://' protocol."),
        ("http://a:b", "http://a:b is not an address"),
    ],
)
async def test_what_is_no_server_is_told(shell: Shell, address: str, told: str) -> None:
    """In one line, with the remedy."""
    own = shell.url.removesuffix("/graphql")
    result = await shell.run("export", to=str(ObjectId()), url=address.format(own))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {told.format(own)}\n"


async def test_the_check_of_sql_is_asked_for(shell: Shell) -> None:
    """An older server has no field for it, and warns; another failure is told."""
    with closing(Server(shell.url)) as server:
        assert await asyncio.to_thread(server.sql_check) == "warn"
    unknown = refusal("Cannot query field 'sqlCheck'.", code="GRAPHQL_VALIDATION_FAILED")
    away = refusal("MongoDB is away.", code="STORE_UNAVAILABLE")
    answers = [unknown, away]
    with answering(lambda *_: answers.pop(0)) as url, closing(Server(url)) as server:
        assert await asyncio.to_thread(server.sql_check) == "warn"
        with pytest.raises(ServerError, match=r"MongoDB is away\."):
            await asyncio.to_thread(server.sql_check)


class Numbers(Server):
    """A server with a list of numbers; it notes the size of each page asked for."""

    def __init__(self, count: int) -> None:
        super().__init__("http://127.0.0.1:1")
        self.count = count
        self.sizes = list[int]()

    def ask(self, query: str, **variables: object) -> object:
        """Answer one page."""
        first, start = int(str(variables["first"])), int(str(variables["after"] or 0))
        self.sizes.append(first)
        stop = min(start + first, self.count)
        info = {"hasNextPage": stop < self.count, "endCursor": str(stop)}
        return {"nodes": [{"n": n} for n in range(start, stop)], "pageInfo": info}


def test_pages_are_read_up_to_the_limit() -> None:
    """None larger than the server's largest, and none after the last."""
    server = Numbers(1000)
    assert [one["n"] for one in server.entries("", limit=250)] == list(range(250))
    assert server.sizes == [100, 100, 50]
    server = Numbers(7)
    assert len(list(server.entries("", limit=10_000))) == 7
    assert server.sizes == [100]


def test_all_pages_are_read_without_a_limit() -> None:
    """One after the other, each as large as it may be."""
    server = Numbers(230)
    assert [len(page) for page in server.pages("")] == [100, 100, 30]
    assert server.sizes == [100, 100, 100]
