"""The command ``graphql-api finetunings export``."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import click

from graphql_api.client.exits import CommandError, ExitCode, SilentError, asking
from graphql_api.client.options import named
from graphql_api.client.whole_file import STDOUT, whole_file
from graphql_api.transfer.names import FINETUNING, id_of
from graphql_api.transfer.server_options import of_server

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server


@click.command()
@named
@click.option(
    "--output",
    metavar="FILE|-",
    default=STDOUT,
    show_default="stdout",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Where to write it.",
)
@of_server
@click.pass_obj
def export(own_url: Callable[[], str], name: str, *, output: str, url: str | None, token: str | None) -> None:
    """Write the training file of a finetuning: the very bytes that were uploaded to its provider.

    It is JSON Lines of OpenAI's chats, for a training anywhere. If its golden records or its database
    connection have been changed or deleted since, the server cannot make it again, and says so. Nothing is
    written before all of it has arrived with its digest.
    """
    try:
        with asking(url or own_url(), token) as server:
            finetuning_id = id_of(name, FINETUNING, server=server)
            with whole_file(output) as file:
                size, digest = download(server, finetuning_id, into=file)
    except KeyboardInterrupt:
        click.echo("\ninterrupted", err=True)
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:  # of stdout: click handles it
        raise
    except OSError as unusable:
        raise CommandError(f"cannot write {output}: {unusable.strerror}") from None
    click.echo(f"{size} bytes, sha256 {digest}", err=True)


def download(server: "Server", finetuning_id: str, *, into: BinaryIO) -> tuple[int, str]:
    """Return the size and the digest of what has arrived; raises ``SilentError`` for anything else."""
    digest, size = hashlib.sha256(), 0
    with server.training_file(finetuning_id) as (expected, pieces):
        for piece in pieces:
            digest.update(piece)
            size += into.write(piece)
    if digest.hexdigest() != expected:
        raise SilentError(f"{server.url} broke the file off, or it was changed on its way")
    return size, expected
