"""The command ``graphql-api golden-records list``."""

from collections.abc import Callable

import click

from graphql_api.client.exits import asking
from graphql_api.client.options import asks_server, limit, of_connection
from graphql_api.client.output import print_json, print_table
from graphql_api.transfer.names import DB_CONNECTION, id_of

FIELDS = "id dbConnectionId promptText sql metadata createdAt updatedAt warnings { code message line column }"
LIST = f"""query ($first: Int, $after: String, $of: ID, $filter: GoldenRecordFilter) {{
  goldenRecords(first: $first, after: $after, dbConnectionId: $of, filter: $filter) {{
    nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


@click.command("list")
@of_connection
@click.option("--text", help="Only those with this in the question or in the SQL.")
@click.option("--warned", is_flag=True, help="Only those with warnings.")
@limit
@asks_server
def list_(
    own_url: Callable[[], str],
    *,
    db_connection: str | None,
    text: str | None,
    warned: bool,
    limit: int,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """List golden records, the newest first."""
    conditions = {"text": text} if text is not None else {}
    given = conditions | ({"hasWarnings": True} if warned else {})
    with asking(url or own_url(), token) as server:
        of = id_of(db_connection, DB_CONNECTION, server=server) if db_connection else None
        found = list(server.entries(LIST, limit=limit, of=of, filter=given))
    if as_json:
        print_json(found)
        return
    rows = [(one["id"], len(one["warnings"]), one["promptText"], one["sql"]) for one in found]
    print_table(("ID", "WARNINGS", "QUESTION", "SQL"), rows)
