"""A server of GraphQL on loopback that answers as a test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import orjson

CONNECTION = {"data": {"dbConnection": {"id": "a", "alias": "a", "dialect": "postgres"}}}
WARNS = {"data": {"sqlCheck": "WARN"}}
NO_RECORDS = {"data": {"goldenRecords": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}


def refusal(message: str, **extensions: str) -> dict[str, Any]:
    """Return the answer with one error."""
    return {"errors": [{"message": message, "extensions": extensions}]}


@contextmanager
def answering(answer: Callable[[str, dict[str, Any]], Any]) -> Iterator[str]:
    """Yield the address of a server that answers each query and its variables so."""

    class Answers(BaseHTTPRequestHandler):
        """Answers as it is told."""

        def do_POST(self) -> None:
            """Answer."""
            asked = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(orjson.dumps(answer(asked["query"], asked["variables"])))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/graphql"
        finally:
            server.shutdown()
            thread.join()
