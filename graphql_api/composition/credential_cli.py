"""The command ``graphql-api credentials rotate``."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from graphql_api.composition.running import run

if TYPE_CHECKING:
    from graphql_api.composition.settings import Settings


@click.command()
@click.pass_obj
def rotate(settings: "Callable[[], Settings]") -> None:
    """Encrypt the credentials of all provider accounts with the first of CREDENTIAL_KEYS.

    After it, no other key is needed. It may run beside a server. Exit code 1: no key opens some of them.
    """
    from graphql_api.composition import credential_commands

    done = run(credential_commands.rotate(settings()))
    click.echo(f"{done.count} encrypted with the first key")
    if done.sealed:
        raise click.ClickException(f"no key opens the credentials of {', '.join(done.sealed)}")
