"""The frontends' clients, each through the real server."""

import json

import httpx2
import pytest

from graphql_api.documents import Finetuning
from tests.clients.node import run, run_text
from tests.snippets import ROOT, snippets
from tests.world import World

FOLLOWED = ["QUEUED", "CANCELLED"]


@pytest.mark.parametrize(
    ("script", "statuses"),
    [
        ("graphql_ws", FOLLOWED),
        ("graphql_sse", FOLLOWED),
        ("apollo_client", FOLLOWED),
        ("urql", FOLLOWED),
        ("graphql_request", None),
    ],
)
async def test_a_client_gets_all_it_asks_for(
    node_packages: None, world: World, http: httpx2.AsyncClient, script: str, statuses: list[str] | None
) -> None:
    """A look-up, the codes of two errors, a mutation, and a finetuning followed until it is cancelled."""
    finetuning = await world.create(alias="followed")
    told = json.loads(await run(f"{script}.mjs", str(http.base_url.join("/graphql")), str(finetuning.id)))
    assert told == {
        "found": ["followed", "QUEUED"],
        "refused": "BAD_USER_INPUT",
        "invalid": "GRAPHQL_VALIDATION_FAILED",
        "created": ["theirs", "postgres"],
        "statuses": statuses,
    }
    assert await world.database["db_connections"].count_documents({"alias": "theirs"}) == 1
    stored = await Finetuning.get(finetuning.id)
    assert stored is not None
    assert stored.status.value == ("queued" if statuses is None else "cancelled")


DELETE_AT_THE_FIRST_EVENT = """
const print = console.log;
let asked;
console.log = (...words) => {
  print(...words);
  asked ??= fetch(URL, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: BODY });
};
"""


async def test_the_documented_websocket_client_follows_a_finetuning(
    node_packages: None, world: World, http: httpx2.AsyncClient
) -> None:
    """As it stands, with this server's port, from the creation to the deletion; it ends by itself."""
    finetuning = await world.create()
    [snippet] = [one for one in snippets(ROOT / "docs/subscriptions.md") if one.language == "ts"]
    delete = f'mutation {{ deleteFinetuning(finetuningId: "{finetuning.id}") {{ phase }} }}'
    named = {
        "finetuningId": str(finetuning.id),
        "URL": str(http.base_url.join("/graphql")),
        "BODY": json.dumps({"query": delete}),
    }
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
    text = snippet.text.replace(":8000/", f":{http.base_url.port}/")
    lines = (await run_text(constants + DELETE_AT_THE_FIRST_EVENT + text)).splitlines()
    assert (lines[0], lines[-1]) == ("CREATED QUEUED", "DELETED null")
