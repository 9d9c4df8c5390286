"""Lists of several pages."""

from graphql_api.client.pages import listed
from graphql_api.transfer.client import Server


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
    assert [one["n"] for one in listed(server, "", limit=250)] == list(range(250))
    assert server.sizes == [100, 100, 50]
    server = Numbers(7)
    assert len(listed(server, "", limit=10_000)) == 7
    assert server.sizes == [100]
