"""What is read of the documents: the parts that the selection shows, and no others."""

from typing import Any

import pytest
from pymongo import monitoring

from graphql_api.documents import Finetuning
from graphql_api.schema.selection import LARGE
from graphql_api.store.database import Database
from tests.schema.conftest import Client
from tests.watched import Watcher


class Reader(Watcher):
    """Writes down the documents that MongoDB sends, too."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[dict[str, Any]] = []

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Write the documents of a query down."""
        if event.command_name == "find":
            self.documents += event.reply["cursor"]["firstBatch"]

    def parts(self) -> set[str]:
        """Return the names of all parts of the documents."""
        return {name for document in self.documents for name in document}


@pytest.fixture
def watcher() -> Reader:
    """Return a watcher that reads along."""
    return Reader()


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


PAGES = ("finetunings", "goldenRecords", "dbConnections")
PLACES = (
    "pageInfo { endCursor hasNextPage }",
    "edges { cursor } pageInfo { startCursor }",
    "...Page } } fragment Page on %s { edges { ...Edge } } fragment Edge on %s { ... { cursor",
)


@pytest.mark.parametrize("selection", PLACES)
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_without_entries_reads_places_alone(
    client: Client, watcher: Reader, name: str, selection: str
) -> None:
    """Times of creation and ids; the answer is that of a whole page."""
    for _ in range(3):
        await client.world.create()
    if "%s" in selection:
        kind = {"finetunings": "Finetuning", "goldenRecords": "GoldenRecord", "dbConnections": "DbConnection"}
        selection %= (f"{kind[name]}Connection", f"{kind[name]}Edge")
    whole = (await client.data(f"{{ {name}(first: 2) {{ edges {{ cursor node {{ id }} }} }} }}"))[name]
    watcher.documents.clear()
    page = (await client.data(f"{{ {name}(first: 2) {{ {selection} }} }}"))[name]
    assert len(watcher.documents) == 3
    assert watcher.parts() == {"_id", "created_at"}
    cursors = [edge["cursor"] for edge in whole["edges"]]
    for edge, cursor in zip(page.get("edges", ()), cursors, strict=False):
        assert edge == {"cursor": cursor}
    if "endCursor" in selection:
        assert page["pageInfo"] == {"endCursor": cursors[-1], "hasNextPage": True}


SHOWN = [
    (page, look_up, kind, field, part)
    for (kind, parts), page, look_up in zip(
        LARGE.items(),
        ("dbConnections", "finetunings", "goldenRecords"),
        ("dbConnection", "finetuning", "goldenRecord"),
        strict=True,
    )
    for field, part in parts.items()
]
BELOW = {
    "dataset": " { recordCount goldenRecords }",
    "events": " { nodes { kind } }",
    "checkpoints": " { id }",
}


@pytest.mark.parametrize(("page", "look_up", "kind", "field", "part"), SHOWN)
async def test_a_large_part_is_read_if_it_is_shown(
    client: Client, watcher: Reader, page: str, look_up: str, kind: Any, field: str, part: str
) -> None:
    """In a page and in a look-up, of a fragment and of a plain field; the other large ones are not."""
    await client.world.created_and_training()
    document = await kind.find_one({})
    large = set(LARGE[kind].values())
    shown = f"{field}{BELOW.get(field, '')}"
    queries = [
        f"{{ {page} {{ nodes {{ ...F }} }} }} fragment F on {kind.__name__} {{ {shown} }}",
        f"{{ {page} {{ edges {{ node {{ id ... {{ {shown} }} }} }} }} }}",
        f'{{ {look_up}(id: "{document.id}") {{ alone: {shown} }} }}',
    ]
    answers = []
    for query in queries:
        watcher.documents.clear()
        answers.append(await client.data(query))
        assert watcher.parts() & large == {part}
    value = answers[-1][look_up]["alone"]
    assert (value is None or value == []) == (field in {"goldenRecords", "checkpoints"})
    watcher.documents.clear()
    assert (await client.data(f"{{ {page} {{ nodes {{ id }} }} }}"))[page]["nodes"][0]["id"]
    assert watcher.parts() & large == set()


async def test_a_text_is_itself_beside_an_unread_one(client: Client) -> None:
    """An empty one stands for what was not read, and nobody sees it."""
    await client.world.connection(golden_records=1)
    (node,) = (await client.data("{ goldenRecords { nodes { sql } } }"))["goldenRecords"]["nodes"]
    assert node["sql"] != ""
    (node,) = (await client.data("{ goldenRecords { nodes { promptText } } }"))["goldenRecords"]["nodes"]
    assert node["promptText"] != ""


async def test_connections_of_finetunings_are_read_in_part(client: Client, watcher: Reader) -> None:
    """Their tables only where they are shown, with one query for each of both choices."""
    await client.world.create()
    watcher.documents.clear()
    watcher.seen.clear()
    query = "{ finetunings { nodes { dbConnection { alias } } } }"
    assert (await client.data(query))["finetunings"]["nodes"][0]["dbConnection"]["alias"] == "library"
    assert "table_schemas" not in watcher.parts()
    both = "{ finetunings { nodes { dbConnection { alias } b: dbConnection { tableSchemas } } } }"
    watcher.seen.clear()
    (node,) = (await client.data(both))["finetunings"]["nodes"]
    assert len(node["b"]["tableSchemas"]) == 1
    assert watcher.seen == [("find", "finetunings"), *[("find", "db_connections")] * 2]


async def test_a_finetuning_read_in_part_is_stored_whole(client: Client) -> None:
    """A cancel after such a read loses nothing."""
    created = await client.world.create()
    await client.data("{ finetunings { nodes { id status } } }")
    cancel = "mutation($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }"
    await client.data(cancel, id=str(created.id))
    stored = await Finetuning.get(created.id)
    assert stored is not None
    assert [event.kind for event in stored.timeline][:1] == [event.kind for event in created.timeline][:1]
