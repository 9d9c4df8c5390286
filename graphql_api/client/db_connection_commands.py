"""The commands ``graphql-api db-connections list``, ``show``, ``create`` and ``delete``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from graphql_api.client.exits import CommandError, MissingError, asking
from graphql_api.client.options import asks_server, confirm, limit, metadata, named, without_asking
from graphql_api.client.output import moment, print_created, print_facts, print_json, print_table
from graphql_api.transfer.ddl import definitions
from graphql_api.transfer.names import DB_CONNECTION, id_of

FIELDS = "id alias dialect tableSchemas metadata createdAt updatedAt"
LIST = f"""query ($first: Int, $after: String) {{
  dbConnections(first: $first, after: $after) {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }}
}}"""
SHOW = f"query ($id: ID!) {{ dbConnection(id: $id) {{ {FIELDS} }} }}"
CREATE = f"mutation ($input: CreateDbConnectionInput!) {{ createDbConnection(input: $input) {{ {FIELDS} }} }}"
DELETE = "mutation ($id: ID!) { deleteDbConnection(dbConnectionId: $id) { dbConnectionId deletedAt } }"


@click.command("list")
@limit
@asks_server
def list_(
    own_url: Callable[[], str], *, limit: int, url: str | None, token: str | None, as_json: bool
) -> None:
    """List database connections, the newest first."""
    with asking(url or own_url(), token) as server:
        found = list(server.entries(LIST, limit=limit))
    if as_json:
        print_json(found)
        return
    rows = [
        (one["id"], one["alias"], one["dialect"], len(one["tableSchemas"]), moment(one["createdAt"]))
        for one in found
    ]
    print_table(("ID", "ALIAS", "DIALECT", "TABLES", "CREATED"), rows)


@click.command()
@named
@asks_server
def show(own_url: Callable[[], str], name: str, *, url: str | None, token: str | None, as_json: bool) -> None:
    """Show one database connection and its tables."""
    with asking(url or own_url(), token) as server:
        connection_id = id_of(name, DB_CONNECTION, server=server)
        connection = server.ask(SHOW, id=connection_id)
    if connection is None:
        raise MissingError(f"there is no database connection {connection_id}")
    if as_json:
        print_json(connection)
        return
    tables = connection.pop("tableSchemas")
    print_facts(connection)
    for table in tables:
        click.echo(f"\n{click.unstyle(table)};")


@click.command()
@click.option("--alias", required=True, help="The name people know it by.")
@click.option("--dialect", required=True, help="The SQL dialect, such as postgres.")
@click.option(
    "--schemas",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file with the tables as DDL, such as schema.sql; may be repeated.",
)
@metadata
@asks_server
def create(
    own_url: Callable[[], str],
    *,
    alias: str,
    dialect: str,
    schemas: tuple[Path, ...],
    metadata: tuple[tuple[str, str], ...],
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Create a database connection, and print its id, alone, on stdout.

    Of each file, the statements that define tables are taken (CREATE, ALTER, COMMENT); the kinds of the
    others, such as INSERT, are named. The model sees all of them with every question.
    """
    given: dict[str, Any] = {"alias": alias, "dialect": dialect}
    if schemas:
        given["tableSchemas"] = [one for file in schemas for one in _definitions(file)]
    if metadata:
        given["metadata"] = dict(metadata)
    with asking(url or own_url(), token) as server:
        created = server.ask(CREATE, input=given)
    print_created(created, noun=DB_CONNECTION.one, as_json=as_json)


@click.command()
@named
@without_asking
@asks_server
def delete(
    own_url: Callable[[], str], name: str, *, yes: bool, url: str | None, token: str | None, as_json: bool
) -> None:
    """Delete a database connection with all its golden records.

    Refused while a finetuning from it has not ended. On a terminal, it asks first.
    """
    with asking(url or own_url(), token) as server:
        connection_id = id_of(name, DB_CONNECTION, server=server)
        confirm(f"Delete the database connection {connection_id} and all its golden records?", yes=yes)
        deleted = server.ask(DELETE, id=connection_id)
    if as_json:
        print_json(deleted)
    else:
        click.echo(f"{deleted['dbConnectionId']} is deleted")


def _definitions(file: Path) -> tuple[str, ...]:
    """Return the statements of a file; raises ``CommandError``."""
    try:
        found = definitions(file.read_text("utf-8-sig"))
    except OSError as unusable:
        raise CommandError(f"cannot read {file}: {unusable.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8") from None
    if not found.statements:
        raise CommandError(f"{file} defines no table")
    if found.left_out:
        click.echo(f"warning: {file}: left out what defines no table: {', '.join(found.left_out)}", err=True)
    return found.statements
