"""``node``: anything by its id, for callers that may read it."""

from collections import Counter
from dataclasses import replace

import pytest
from beanie import PydanticObjectId

from graphql_api.documents.paging import DatedDocument
from graphql_api.finetunings.delete import delete
from graphql_api.schema.node.queries import KINDS
from graphql_api.schema.requires import NOUNS
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.database import Database
from tests.schema.conftest import Client, many
from tests.schema.tenants.estate import Estate, settled
from tests.watched import Watcher

NODE = "query($id: ID!) { node(id: $id) { __typename id nodeId } }"
COLLECTIONS = {
    "api_keys",
    "audit_entries",
    "db_connections",
    "finetunings",
    "golden_records",
    "provider_accounts",
}
OF_KIND = {
    "ApiKey": "key",
    "ProviderAccount": "account",
    "AuditEntry": "entry",
    "DbConnection": "connection",
    "Finetuning": "training",
    "GoldenRecord": "record",
}
"""What the tenant has of each kind."""


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


@pytest.fixture
async def mine(client: Client) -> Estate:
    """Yield a tenant with one of everything."""
    return await settled(client, "bolt")


async def stored(estate: Estate, kind: str) -> DatedDocument:
    """Return the tenant's document of this kind."""
    document = await KINDS[kind].get(PydanticObjectId(estate.names[OF_KIND[kind]][0].text))
    assert document is not None
    return document


@pytest.mark.parametrize("kind", KINDS)
async def test_a_node_is_found_by_both_of_its_ids(mine: Estate, kind: str) -> None:
    """The raw one, as every other field has it, and the one with its type."""
    raw = str((await stored(mine, kind)).id)
    node = {"__typename": kind, "id": raw, "nodeId": f"{kind}:{raw}"}
    for given in (raw, f"{kind}:{raw}"):
        assert await mine.client.data(NODE, id=given) == {"node": node}


async def test_a_node_is_looked_for_in_one_place_if_its_type_is_known(mine: Estate, watcher: Watcher) -> None:
    """A raw id is looked for in all five."""
    raw = str((await stored(mine, "Finetuning")).id)
    for given, places in ((f"Finetuning:{raw}", {"finetunings"}), (raw, COLLECTIONS)):
        watcher.seen.clear()
        await mine.client.data(NODE, id=given)
        assert Counter(watcher.seen) == Counter(("find", place) for place in places)


async def test_many_nodes_are_one_query_for_each_type(mine: Estate, watcher: Watcher) -> None:
    """Whatever they are asked by."""
    ids = [str((await stored(mine, kind)).id) for kind in KINDS]
    watcher.seen.clear()
    fields = " ".join(f'a{n}: node(id: "{one}") {{ __typename id }}' for n, one in enumerate(ids * 2))
    data = await mine.client.data(f"{{ {fields} }}")
    assert [node["__typename"] for node in data.values()] == [*KINDS, *KINDS]
    assert Counter(watcher.seen) == Counter(("find", place) for place in COLLECTIONS)


async def test_a_fragment_shows_the_whole_type(mine: Estate) -> None:
    """Its large parts and its connection, too: they are read because they are selected."""
    document = """query($id: ID!) { node(id: $id) { ...F ... on GoldenRecord { sql } } }
    fragment F on Finetuning { alias events(first: 1) { nodes { kind } } dbConnection { tableSchemas } }"""
    training = mine.names["training"][0].text
    node = (await mine.client.data(document, id=training))["node"]
    assert (node["alias"], node["events"]) == ("bolt's", {"nodes": [{"kind": "CREATED"}]})
    assert len(node["dbConnection"]["tableSchemas"]) == 1
    record = await mine.client.data(document, id=mine.names["record"][0].text)
    assert record["node"]["sql"].startswith("SELECT 'bolt asks'")


async def test_nobodys_id_is_no_node(mine: Estate) -> None:
    """Nor is the id of a deleted document, or one with the name of another type."""
    training = await stored(mine, "Finetuning")
    gone = [
        mine.names[name][0].text for name in ("deleted finetuning", "deleted record", "deleted connection")
    ]
    for given in (str(PydanticObjectId()), f"GoldenRecord:{training.id}", *gone, f"Finetuning:{gone[0]}"):
        assert await mine.client.data(NODE, id=given) == {"node": None}
    await delete(str(training.id), caller=mine.client.caller, engine=mine.client.world.engine)
    await mine.client.world.drain(seconds=200)
    assert await mine.client.data(NODE, id=training.node_id) == {"node": None}


@pytest.mark.parametrize("given", ["", "x", "Finetuning:", "Finetuning:x", "Viewer:65f0c0ffee65f0c0ffee65f0"])
async def test_a_malformed_id_is_bad_input(client: Client, given: str) -> None:
    """As for every other look-up."""
    assert await client.refusal(NODE, id=given) == {
        "message": "id must be an id of 24 hexadecimal digits.",
        "argument": "id",
        "code": "BAD_USER_INPUT",
    }


@pytest.mark.parametrize("scope", [Scope.ADMIN, Scope.FINETUNINGS_READ, Scope.GOLDEN_RECORDS_READ])
async def test_a_caller_finds_what_its_scopes_let_it_read(
    mine: Estate, watcher: Watcher, scope: Scope
) -> None:
    """Without the scope the document is as one that is not there: MongoDB is not even asked for it."""
    limited = replace(mine.client, caller=replace(mine.client.caller, scopes=ALL_SCOPES - {scope}))
    for kind, needed in NOUNS.items():
        document = await stored(mine, kind)
        watcher.seen.clear()
        for given in (str(document.id), document.node_id):
            data = await limited.data(NODE, id=given)
            assert (data["node"] is None) == (needed is scope)
        place = KINDS[kind].get_settings().name
        assert (("find", place) in watcher.seen) == (needed is not scope)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fragment_wants_the_scope_of_its_type(mine: Estate, watcher: Watcher, kind: str) -> None:
    """The error names both, and nothing is looked for."""
    needed = NOUNS[kind]
    limited = replace(mine.client, caller=replace(mine.client.caller, scopes=ALL_SCOPES - {needed}))
    document = await stored(mine, kind)
    watcher.seen.clear()
    refusal = await limited.refusal(
        f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ id }} }} }}", id=document.node_id
    )
    assert refusal["message"] == f"{kind} requires the scope {needed}."
    assert (refusal["field"], refusal["code"]) == (kind, "FORBIDDEN")
    assert watcher.seen == []


async def test_nodes_are_weighed_like_other_look_ups(client: Client) -> None:
    """The document, and each place that it is looked for in."""
    events = "... on Finetuning { events(first: 100) { nodes { at kind level status message } } }"
    fields = many(50, f'node(id: "65f0c0ffee65f0c0ffee65f0") {{ {events} }}')
    refusal = await client.refusal(f"{{ {fields} }}")
    assert (refusal["limit"], refusal["found"]) == ("cost", 50 * (1 + 15 + 2 + 500))
