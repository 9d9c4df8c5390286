"""The options of every command that asks a running server."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

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
