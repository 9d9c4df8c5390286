"""A client of a server's GraphQL endpoint."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import httpx2
import orjson

from graphql_api.errors import VALIDATION_FAILED
from graphql_api.http.digest_header import DIGEST_HEADER
from graphql_api.transfer.errors import NoAnswerError, ServerError
from graphql_api.transfer.server_events import messages

if TYPE_CHECKING:
    from graphql_api.catalogue.sql_check import SqlCheckMode

PATIENCE_S = 60
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

BEHIND_A_PROXY = frozenset({502, 503, 504})
"""What a proxy answers while no server is behind it."""

JSON = {"content-type": "application/json"}

CONNECTION = "query ($id: ID!) { dbConnection(id: $id) { id alias dialect } }"

LARGEST_PAGE = 100


class Server:
    """The server at this address, ending in ``/graphql``; ``token`` is the caller's credential."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        self.url = url
        try:
            address = httpx2.URL(url)
        except httpx2.InvalidURL:
            raise ServerError(f"{url} is not an address") from None
        # A proxy of the environment is for other hosts. It would look for loopback on its own machine.
        is_near = address.host in LOOPBACK
        if token and not (token.isascii() and token.isprintable()):
            raise ServerError("the credential has characters that no header can have", code="UNAUTHENTICATED")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(timeout=PATIENCE_S, trust_env=not is_near, headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, query: str, **variables: object) -> Any:
        """Return the one requested field; raises ``ServerError``."""
        with self._answering():
            response = self._http.post(self.url, content=_body(query, variables), headers=JSON)
        return self._field(response.status_code, response.content)

    def pages(
        self, query: str, *, limit: int | None = None, **variables: object
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list, up to ``limit`` entries; the query takes ``$first`` and ``$after``.

        Raises ``ServerError``.
        """
        after, left = None, limit
        while left is None or left > 0:
            first = LARGEST_PAGE if left is None else min(LARGEST_PAGE, left)
            page = self.ask(query, first=first, after=after, **variables)
            yield page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]
            left = None if left is None else left - len(page["nodes"])

    def entries(
        self, query: str, *, limit: int | None = None, **variables: object
    ) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, as ``pages`` does."""
        return chain.from_iterable(self.pages(query, limit=limit, **variables))

    def follow(self, query: str, **variables: object) -> Iterator[Any]:
        """Yield the one requested field of each of a subscription's results, up to its completion.

        Raises ``ServerError``; ``NoAnswerError`` if the stream breaks off.
        """
        body, headers = _body(query, variables), JSON | {"accept": "text/event-stream"}
        asked = self._http.stream("POST", self.url, content=body, headers=headers)
        with self._answering(), asked as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                self._field(response.status_code, response.read())
                raise ServerError(f"{self.url} sends no event stream")
            for kind, data in messages(response.iter_lines()):
                if kind == "complete":
                    return
                yield self._field(response.status_code, data)
        raise NoAnswerError(f"{self.url} broke the stream off")

    @contextmanager
    def training_file(self, finetuning_id: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield a training file's digest, and its bytes in pieces; raises ``ServerError``."""
        path = f"api/v1/finetunings/{finetuning_id}/training-file"
        asked = self._http.stream("GET", httpx2.URL(self.url).join(path))
        with self._answering(), asked as response:
            if DIGEST_HEADER not in response.headers:
                raise self._problem(response.status_code, response.read())
            yield response.headers[DIGEST_HEADER], response.iter_bytes()

    def db_connection(self, db_connection_id: str) -> dict[str, Any]:
        """Return the connection; raises ``ServerError`` if it does not exist."""
        connection: dict[str, Any] | None = self.ask(CONNECTION, id=db_connection_id)
        if connection is None:
            raise ServerError(f"there is no database connection {db_connection_id} at {self.url}")
        return connection

    def sql_check(self) -> "SqlCheckMode":
        """Return what the server does with SQL that is not one query; one that does not say it warns."""
        try:
            mode = str(self.ask("{ sqlCheck }")).lower()
        except ServerError as unknown:
            if unknown.code != VALIDATION_FAILED:
                raise
            mode = "warn"
        return cast("SqlCheckMode", mode)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except httpx2.ConnectError:
            raise NoAnswerError(
                f"no server answers at {self.url}; start one with `graphql-api serve`, "
                "or give its address with --url"
            ) from None
        except httpx2.UnsupportedProtocol as unusable:
            raise ServerError(f"{self.url} did not answer: {unusable}") from None
        except httpx2.HTTPError as broken:
            raise NoAnswerError(
                f"{self.url} did not answer: {str(broken) or type(broken).__name__}"
            ) from None

    def _field(self, status: int, content: str | bytes) -> Any:
        try:
            answer = orjson.loads(content)
            if not answer.get("errors"):
                (field,) = answer["data"].values()
                return field
            error = answer["errors"][0]
            message, extensions = str(error["message"]), error.get("extensions", {})
        except (ValueError, AttributeError, KeyError, TypeError):
            raise self._stranger(status) from None
        raise _refusal(message, extensions)

    def _problem(self, status: int, content: bytes) -> ServerError:
        """Return the error of a plain endpoint's answer."""
        try:
            problem = orjson.loads(content)
            return _refusal(str(problem["detail"]), problem)
        except (ValueError, KeyError, TypeError):
            return self._stranger(status)

    def _stranger(self, status: int) -> ServerError:
        kind = NoAnswerError if status in BEHIND_A_PROXY else ServerError
        return kind(f"{self.url} does not answer as a GraphQL server does (HTTP {status})")


def _refusal(message: str, details: Mapping[str, Any]) -> ServerError:
    code = details.get("code")
    if code == "UNAUTHENTICATED":
        message += " Give it with --token, or set GRAPHQL_API_TOKEN."
    return ServerError(message, argument=details.get("argument"), code=code)


def _body(query: str, variables: Mapping[str, object]) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})
