"""Queries and records for the tests of the catalogue."""

from graphql_api.documents import GoldenRecord
from tests.schema.conftest import Client

ADD = """
mutation Add($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { id dbConnectionId promptText sql metadata createdAt }
}
"""

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"

RIGHT = {"promptText": "How many books?", "sql": "SELECT count(*) FROM book"}

UPDATE_RECORD = """
mutation Update($id: ID!, $input: UpdateGoldenRecordInput!) {
  updateGoldenRecord(goldenRecordId: $id, input: $input) {
    id promptText sql metadata createdAt updatedAt warnings { code line column }
  }
}
"""


def bad_input(message: str, argument: str) -> dict[str, str]:
    """Return the error that names this argument."""
    return {"message": message, "argument": argument, "code": "BAD_USER_INPUT"}


async def one_record(client: Client) -> GoldenRecord:
    """Store a connection with one golden record, and return that."""
    await client.world.connection(golden_records=1)
    record = await GoldenRecord.find_one({"tenant": client.caller.tenant})
    assert record is not None
    return record
