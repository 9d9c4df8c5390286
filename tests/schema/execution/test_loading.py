"""What an operation does and loads is limited, before anything of it runs."""

from typing import Any

import pytest

from graphql_api.documents import Finetuning, GoldenRecord
from tests.schema.conftest import Client, many

ADD = "addGoldenRecords(input: {dbConnectionId: $id, goldenRecords: $records}) { id }"
CREATE = "createFinetuning(input: {dbConnectionId: $id}) { id }"
SEARCH = 'goldenRecords(filter: {text: "a"}) { nodes { id } }'
UPDATE = 'updateFinetuning(finetuningId: "65f0c0ffee65f0c0ffee65f0", input: {alias: "a"}) { id }'
RECORD = {"promptText": "a", "sql": "SELECT 1"}

TOO_MUCH: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "mutations": (f"mutation {{ {many(11, UPDATE)} }}", {}, "mutations", 11),
    "creations": (f"mutation($id: ID!) {{ {many(2, CREATE)} }}", {"id": "x"}, "creations", 2),
    "records": (
        f"mutation($id: ID!, $records: [GoldenRecordInput!]!) {{ {many(2, ADD)} }}",
        {"id": "x", "records": [RECORD] * 501},
        "entries",
        1_002,
    ),
    "cancels": (
        f"mutation {{ {many(2, 'cancelFinetunings(filter: {status: [RUNNING]}, dryRun: true) { count }')} }}",
        {},
        "entries",
        2_000,
    ),
    "searches": (f"{{ {many(2, SEARCH)} }}", {}, "searches", 2),
    "aliases": (
        f'{{ {SEARCH} dbConnections(filter: {{alias: "a"}}) {{ nodes {{ id }} }} }}',
        {},
        "searches",
        2,
    ),
    "searches by a variable": (
        f"query($f: GoldenRecordFilter) {{ {many(2, 'goldenRecords(filter: $f) { nodes { id } }')} }}",
        {"f": {"text": "a"}},
        "searches",
        2,
    ),
    "searches by default": (
        f'query($t: String = "a") {{ {many(2, "goldenRecords(filter: {text: $t}) { nodes { id } }")} }}',
        {},
        "searches",
        2,
    ),
    "pages without entries": (
        f"{{ {many(20, 'goldenRecords(first: 100) { pageInfo { endCursor } }')} }}",
        {},
        "cost",
        20 * (3 + 100 * 10),
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_an_operation_that_does_too_much_does_nothing(client: Client, name: str) -> None:
    """The error has the limit and the number found; nothing is stored."""
    document, variables, limit, found = TOO_MUCH[name]
    connection = await client.world.connection(golden_records=0)
    if "id" in variables:
        variables = {**variables, "id": str(connection.id)}
    refusal = await client.refusal(document, **variables)
    assert (refusal["code"], refusal["limit"], refusal["found"]) == ("QUERY_TOO_COMPLEX", limit, found)
    assert await Finetuning.find_all().count() == 0
    assert await GoldenRecord.find_all().count() == 0


async def test_a_thousand_records_may_come_in_several_lists(client: Client) -> None:
    """The limit is for all lists together; the same document is prepared for other lists again."""
    connection = await client.world.connection(golden_records=0)
    document = f"mutation($id: ID!, $records: [GoldenRecordInput!]!) {{ {many(2, ADD)} }}"
    asked = {"id": str(connection.id), "records": [RECORD]}
    assert set(await client.data(document, **asked)) == {"a0", "a1"}
    assert (await client.refusal(document, id="x", records=[RECORD] * 501))["limit"] == "entries"


@pytest.mark.parametrize(
    ("conditions", "variables"),
    [
        ("{hasWarnings: true}", {}),
        ("{text: null}", {}),
        ("{text: $t}", {"t": None}),
        ("$f", {"f": {"hasWarnings": True}}),
        ("$f", {"f": {"text": None}}),
        ("$f", {"f": None}),
        ("null", {}),
    ],
)
async def test_a_filter_without_a_text_is_no_search(
    client: Client, conditions: str, variables: dict[str, Any]
) -> None:
    """Indexes carry all other conditions."""
    declared = {"t": "($t: String)", "f": "($f: GoldenRecordFilter)"}
    head = "".join(declared[name] for name in variables)
    page = f"goldenRecords(filter: {conditions}) {{ nodes {{ id }} }}"
    empty: dict[str, Any] = {"nodes": []}
    assert await client.data(f"query{head} {{ {many(2, page)} }}", **variables) == {"a0": empty, "a1": empty}
