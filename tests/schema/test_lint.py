"""The schema's lint rules: recommended ones and Relay's.

The first are those of @graphql-eslint.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from graphql_api.schema import schema_sdl
from tests.clients.node import run

pytestmark = pytest.mark.usefixtures("node_packages")

FAULTS = {
    "no-unreachable-types": "type Nowhere { id: ID! }",
    "require-description": "extend type Query { bare: Int }",
    "naming-convention": 'extend type Query { "Badly named." Bad_Name: Int }',
    "relay-arguments": 'extend type Query { "Without a page." all: FinetuningConnection! }',
    "relay-connection-types": '"No edges." type OddConnection { "An id." id: ID! }',
    "strict-id-in-types": '"No id." type Thing { "A name." name: String }',
}


async def lint(schema: str, directory: Path) -> list[dict[str, Any]]:
    """Return the linter's findings in the schema."""
    path = directory / "schema.graphql"
    # The Relay rules take every name that ends in Connection for a list of pages.
    path.write_text(schema.replace("DbConnection", "Database"))
    found: list[dict[str, Any]] = json.loads(await run("lint_schema.mjs", str(path)))
    return found


async def test_the_schema_is_clean(tmp_path: Path) -> None:
    """Under all recommended and Relay rules; the few exceptions stand with their reasons in the script."""
    assert await lint(schema_sdl(), tmp_path) == []


async def test_the_linter_finds_faults(tmp_path: Path) -> None:
    """The clean result above comes from a real look."""
    found = await lint(schema_sdl() + "\n".join(FAULTS.values()), tmp_path)
    assert {one["ruleId"].removeprefix("@graphql-eslint/") for one in found} >= set(FAULTS)
