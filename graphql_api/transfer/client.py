"""A client of a server's GraphQL endpoint."""

from typing import Any

import httpx2
import orjson

PATIENCE_S = 60
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

CONNECTION = "query ($id: ID!) { dbConnection(id: $id) { id alias dialect } }"


class ServerError(Exception):
    """The server refused or failed; the message gives the reason, ``argument`` the bad argument."""

    def __init__(self, message: str, *, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument


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
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(timeout=PATIENCE_S, trust_env=not is_near, headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, query: str, **variables: object) -> Any:
        """Return the one requested field; raises ``ServerError``."""
        body = orjson.dumps({"query": query, "variables": variables})
        try:
            response = self._http.post(self.url, content=body, headers={"content-type": "application/json"})
        except httpx2.ConnectError:
            raise ServerError(
                f"no server answers at {self.url}; start one with `graphql-api serve`, "
                "or give its address with --url"
            ) from None
        except httpx2.HTTPError as broken:
            raise ServerError(f"{self.url} did not answer: {str(broken) or type(broken).__name__}") from None
        return self._field(response)

    def db_connection(self, db_connection_id: str) -> dict[str, Any]:
        """Return the connection; raises ``ServerError`` if it does not exist."""
        connection: dict[str, Any] | None = self.ask(CONNECTION, id=db_connection_id)
        if connection is None:
            raise ServerError(f"there is no database connection {db_connection_id} at {self.url}")
        return connection

    def _field(self, response: httpx2.Response) -> Any:
        try:
            answer = orjson.loads(response.content)
            if not answer.get("errors"):
                (field,) = answer["data"].values()
                return field
            error = answer["errors"][0]
            message, extensions = str(error["message"]), error.get("extensions", {})
        except (ValueError, AttributeError, KeyError, TypeError):
            raise ServerError(
                f"{self.url} does not answer as a GraphQL server does (HTTP {response.status_code})"
            ) from None
        if extensions.get("code") == "UNAUTHENTICATED":
            message += " Give it with --token, or set GRAPHQL_API_TOKEN."
        raise ServerError(message, argument=extensions.get("argument"))
