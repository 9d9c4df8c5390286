"""The options of commands that ask a server."""

import click
from click.testing import CliRunner

from graphql_api.transfer.server_options import of_server


@click.command()
@of_server
def told(*, url: str | None, token: str | None) -> None:
    """Print what was given."""
    click.echo(f"{url} {token}")


def test_the_token_comes_from_an_option_or_the_environment() -> None:
    """The option wins; neither is needed."""
    environment = {"GRAPHQL_API_TOKEN": "env"}
    assert CliRunner().invoke(told, ["--url", "u"], env=environment).output == "u env\n"
    assert CliRunner().invoke(told, ["--token", "t"], env=environment).output == "None t\n"
