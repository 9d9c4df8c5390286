"""The options shared by several commands."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from graphql_api.transfer.server_options import of_server

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, with GraphQL's fields.")
limit = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The most to list."
)
without_asking = click.option("--yes", is_flag=True, help="Do not ask, even on a terminal.")
named = click.argument("name", metavar="ID|ALIAS")
of_connection = click.option(
    "--db-connection", metavar="ID|ALIAS", help="Only those of this database connection."
)


class Pair(click.ParamType[tuple[str, str]]):
    """A name and a value, such as owner=ml."""

    name = "key=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return both parts."""
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, text


metadata = click.option(
    "--metadata", type=Pair(), multiple=True, metavar="KEY=VALUE", help="Kept with it; may be repeated."
)


def asks_server(command: F) -> F:
    """Add the server's options and ``--json``; the command takes the own address as its first argument."""
    return cast(F, click.pass_obj(of_server(as_json(command))))


def confirm(question: str, *, yes: bool) -> None:
    """Ask a person at a terminal; a script is not asked."""
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)
