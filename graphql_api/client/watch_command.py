"""The command ``graphql-api finetunings watch``."""

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import click

from graphql_api.client.exits import DeletedError, ExitCode, asking
from graphql_api.client.options import asks_server, named
from graphql_api.client.output import print_json, shown
from graphql_api.transfer.names import FINETUNING, id_of

ENDS = {"SUCCEEDED": ExitCode.DONE, "FAILED": ExitCode.FAILED, "CANCELLED": ExitCode.CANCELLED}


@click.command()
@named
@asks_server
def watch(
    own_url: Callable[[], str], name: str, *, url: str | None, token: str | None, as_json: bool
) -> None:
    """Watch a finetuning up to its end; the exit code says how it ended.

    On a terminal, with a bar, the loss and the time left; otherwise with a line for each event. With --json,
    stdout has only the finetuning at its end. A restart of the server does not end it. Ctrl-C ends the watch,
    and the finetuning goes on.
    """
    from graphql_api.client.following import followed

    out = sys.stderr if as_json else sys.stdout
    with asking(url or own_url(), token) as server:
        finetuning_id = id_of(name, FINETUNING, server=server)
        try:
            finetuning = _shown(followed(server, finetuning_id, pause=time.sleep), out=out)
        except KeyboardInterrupt:
            click.echo(f"\nThe watch has ended, and finetuning {finetuning_id} goes on.", err=True)
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
    if finetuning is None:
        raise DeletedError(f"finetuning {finetuning_id} is deleted")
    if as_json:
        print_json(finetuning)
    else:
        click.echo(_end(finetuning))
    raise click.exceptions.Exit(ENDS[finetuning["status"]])


def _shown(steps: Iterable[Any], *, out: Any) -> dict[str, Any] | None:
    """Show each step, and return the finetuning at its end."""
    from graphql_api.client.following import State
    from graphql_api.client.watch_display import Display

    display, finetuning = Display(out, in_place=out.isatty()), None
    try:
        for step in steps:
            display.show(step)
            if isinstance(step, State):
                finetuning = step.finetuning
    finally:
        display.end()
    return finetuning


def _end(finetuning: dict[str, Any]) -> str:
    """Return one line about the end."""
    more = finetuning["modelId"] or finetuning["error"]
    return shown("  ".join(filter(None, [finetuning["id"], finetuning["status"], more])))
