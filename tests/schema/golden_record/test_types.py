"""The warnings of golden records."""

from tests.schema.conftest import Client

ADD = """
mutation Add($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { warnings { code message line column } }
}"""


async def test_warnings_are_told_with_their_place(client: Client) -> None:
    """A record with a warning is stored all the same."""
    connection = await client.world.connection(golden_records=0)
    given = [
        {"promptText": "a", "sql": "SELECT 1\nFRM author x y"},
        {"promptText": "b", "sql": "DROP TABLE author"},
        {"promptText": "c", "sql": "SELECT 1"},
    ]
    added = (await client.data(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given}))[
        "addGoldenRecords"
    ]
    syntax = {
        "code": "SQL_SYNTAX",
        "message": "The SQL cannot be parsed as postgres near 'author'.",
        "line": 2,
        "column": 5,
    }
    not_one = {"code": "SQL_NOT_ONE_QUERY", "message": "The SQL is not one query and nothing else."}
    assert [one["warnings"] for one in added] == [[syntax], [not_one | {"line": None, "column": None}], []]
