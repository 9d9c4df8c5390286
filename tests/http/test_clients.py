"""The frontends' clients, each through the real server."""

import json

import httpx2
import pytest

from graphql_api.documents import Finetuning
from tests.clients.node import run
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
