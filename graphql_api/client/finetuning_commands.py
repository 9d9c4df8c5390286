"""The commands ``graphql-api finetunings list``, ``show``, ``create``, ``cancel`` and ``delete``."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import click

from graphql_api.client.exits import MissingError, SilentError, asking
from graphql_api.client.finetuning_fields import FIELDS, SHOW, cancelled_in_words, facts
from graphql_api.client.options import (
    asks_server,
    confirm,
    limit,
    metadata,
    named,
    of_connection,
    without_asking,
)
from graphql_api.client.output import moment, print_created, print_facts, print_json, print_table, shown
from graphql_api.transfer.names import DB_CONNECTION, FINETUNING, id_of

LIST = f"""query ($first: Int, $after: String, $filter: FinetuningFilter) {{
  finetunings(first: $first, after: $after, filter: $filter) {{
    nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}"""
CREATE = f"mutation ($input: CreateFinetuningInput!) {{ createFinetuning(input: $input) {{ {FIELDS} }} }}"
CANCEL = f"""mutation ($id: ID!, $metadata: StringMap) {{
  cancelFinetuning(finetuningId: $id, metadata: $metadata) {{ {FIELDS} }}
}}"""
DELETE = """mutation ($id: ID!) {
  deleteFinetuning(finetuningId: $id) { finetuningId phase cancellation { phase lastError } }
}"""
LARGEST_SEED = 2**31 - 1
STATUSES = ("QUEUED", "VALIDATING_FILES", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")


class NumberOrAuto(click.ParamType[float | str]):
    """A number, or auto to leave the choice to the provider."""

    name = "number|auto"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        """Return a number, or auto."""
        text = str(value)
        if text == "auto":
            return text
        try:
            return int(text) if text.isdecimal() else float(text)
        except ValueError:
            self.fail(f"{text!r} is neither a number nor auto", param, ctx)


@click.command("list")
@of_connection
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(STATUSES, case_sensitive=False),
    help="Only those with this status; may be repeated.",
)
@limit
@asks_server
def list_(
    own_url: Callable[[], str],
    *,
    db_connection: str | None,
    statuses: tuple[str, ...],
    limit: int,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """List finetunings, the newest first."""
    with asking(url or own_url(), token) as server:
        given: dict[str, Any] = {"status": statuses} if statuses else {}
        if db_connection:
            given["dbConnectionId"] = id_of(db_connection, DB_CONNECTION, server=server)
        found = list(server.entries(LIST, limit=limit, filter=given))
    if as_json:
        print_json(found)
        return
    rows = [
        (one["id"], one["alias"], one["status"], one["baseLlm"]["modelName"], moment(one["createdAt"]))
        for one in found
    ]
    print_table(("ID", "ALIAS", "STATUS", "BASE MODEL", "CREATED"), rows)


@click.command()
@named
@asks_server
def show(own_url: Callable[[], str], name: str, *, url: str | None, token: str | None, as_json: bool) -> None:
    """Show one finetuning."""
    with asking(url or own_url(), token) as server:
        finetuning_id = id_of(name, FINETUNING, server=server)
        finetuning = server.ask(SHOW, id=finetuning_id)
    if finetuning is None:
        raise MissingError(f"there is no finetuning {finetuning_id}")
    if as_json:
        print_json(finetuning)
    else:
        print_facts(facts(finetuning))


@click.command()
@click.option("--db-connection", required=True, metavar="ID|ALIAS", help="The database to learn to query.")
@click.option("--alias", help="Its name for people; default: the connection's alias and the date.")
@click.option("--model", help="The model to train further; default: the server's.")
@click.option("--n-epochs", type=NumberOrAuto(), help="The passes over all records; default: 3.")
@click.option("--batch-size", type=NumberOrAuto(), help="The records in one step; default: 1.")
@click.option(
    "--learning-rate-multiplier", type=NumberOrAuto(), help="The factor on the provider's own; default: auto."
)
@click.option(
    "--provider-account", help="The id of the provider account to train under; default: the server's own."
)
@click.option("--suffix", help="A part of the trained model's name; default: made of the alias.")
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    help="Makes the training reproducible, as far as the provider can; default: the provider's.",
)
@metadata
@click.option("--idempotency-key", help="Your own key: with the same one, nothing is created twice.")
@asks_server
def create(
    own_url: Callable[[], str],
    *,
    db_connection: str,
    metadata: tuple[tuple[str, str], ...],
    idempotency_key: str | None,
    url: str | None,
    token: str | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Create a finetuning from all golden records of a connection, and print its id, alone, on stdout."""
    from graphql_api.transfer.errors import NoAnswerError

    key = idempotency_key or uuid4().hex
    with asking(url or own_url(), token) as server:
        connection_id = id_of(db_connection, DB_CONNECTION, server=server)
        given = {"dbConnectionId": connection_id, "idempotencyKey": key, **_choice(**chosen)}
        if metadata:
            given["metadata"] = dict(metadata)
        try:
            created = server.ask(CREATE, input=given)
        except NoAnswerError as lost:
            raise SilentError(
                f"{lost}; to ask again without a second finetuning, add --idempotency-key {shown(key)}"
            ) from None
    print_created(created, noun=FINETUNING.one, as_json=as_json)


@click.command()
@named
@metadata
@asks_server
def cancel(
    own_url: Callable[[], str],
    name: str,
    *,
    metadata: tuple[tuple[str, str], ...],
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Cancel a finetuning. Once answered, the request is kept for good; asking again is safe."""
    with asking(url or own_url(), token) as server:
        finetuning_id = id_of(name, FINETUNING, server=server)
        finetuning = server.ask(CANCEL, id=finetuning_id, metadata=dict(metadata) or None)
    if as_json:
        print_json(finetuning)
    else:
        click.echo(shown(cancelled_in_words(finetuning)))


@click.command()
@named
@without_asking
@asks_server
def delete(
    own_url: Callable[[], str], name: str, *, yes: bool, url: str | None, token: str | None, as_json: bool
) -> None:
    """Cancel a finetuning if it has not ended, and delete it. On a terminal, it asks first."""
    with asking(url or own_url(), token) as server:
        finetuning_id = id_of(name, FINETUNING, server=server)
        confirm(f"Delete the finetuning {finetuning_id}, and cancel it if it has not ended?", yes=yes)
        deleted = server.ask(DELETE, id=finetuning_id)
    if as_json:
        print_json(deleted)
    elif deleted["phase"] == "DELETED":
        click.echo(f"{finetuning_id} is deleted")
    else:
        click.echo(f"{finetuning_id} will be deleted: the request is kept for good, its cancel comes first")


def _choice(
    *,
    alias: str | None,
    model: str | None,
    provider_account: str | None,
    suffix: str | None,
    seed: int | None,
    **parameters: float | str | None,
) -> dict[str, Any]:
    """Return the part of the input that names the finetuning, its account, its models and its parameters."""
    names = {"n_epochs": "nEpochs", "batch_size": "batchSize"}
    names["learning_rate_multiplier"] = "learningRateMultiplier"
    chosen = {names[name]: value for name, value in parameters.items() if value is not None}
    llm: dict[str, Any] = {"modelName": model} if model else {}
    llm |= {"modelParameters": chosen} if chosen else {}
    given = {
        "alias": alias or None,
        "providerAccountId": provider_account,
        "suffix": suffix,
        "seed": seed,
        "baseLlm": llm or None,
    }
    return {name: value for name, value in given.items() if value is not None}
