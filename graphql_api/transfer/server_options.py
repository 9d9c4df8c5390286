"""What every command that asks a running server has: its options, and its way to the server."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server
    from graphql_api.transfer.errors import ServerError

F = TypeVar("F", bound=Callable[..., Any])


def of_server(command: F) -> F:
    """Add the options for the server's address and the caller's credential."""
    url = click.option(
        "--url", help="The server's GraphQL endpoint; if absent, this machine's, by HOST and PORT."
    )
    token = click.option(
        "--token", envvar="GRAPHQL_API_TOKEN", help="Your credential; if absent, GRAPHQL_API_TOKEN."
    )
    return url(token(command))


def _in_one_line(refused: "ServerError") -> click.ClickException:
    return click.ClickException(str(refused))


@contextmanager
def reaching(
    url: str,
    token: str | None,
    *,
    as_error: "Callable[[ServerError], click.ClickException]" = _in_one_line,
) -> Iterator["Server"]:
    """Yield the server at this address; ``as_error`` tells its errors to a person."""
    from graphql_api.transfer.client import Server
    from graphql_api.transfer.errors import ServerError

    try:
        with closing(Server(url, token=token)) as server:
            yield server
    except ServerError as refused:
        raise as_error(refused) from None
