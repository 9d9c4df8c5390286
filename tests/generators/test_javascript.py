"""Relay, graphql-codegen, gql.tada and genql take the schema whole; strict TypeScript holds what they make.

Each works in a copy of this directory, so nothing that they make is left here.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.following.change_feed import Feed
from graphql_api.schema import build_schema as build_api
from graphql_api.schema import schema_sdl
from tests.clients.node import install
from tests.schema.conftest import Client
from tests.world import World

HERE = Path(__file__).parent
SOURCES = (
    "codegen.ts",
    "operations",
    "package.json",
    "relay",
    "relay.config.json",
    "tada.ts",
    "tsconfig.json",
    "uses.ts",
)
LIMIT_S = 120
"""A hanging tool is a finding, and must not take the test run with it."""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this directory with the packages and the schema."""
    install(HERE)
    directory = tmp_path_factory.mktemp("generators")
    for name in SOURCES:
        source = HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, directory / name)
    (directory / "node_modules").symlink_to(HERE / "node_modules")
    (directory / "relay" / "__generated__").mkdir()
    (directory / "schema.graphql").write_text(schema_sdl())
    return directory


@pytest.fixture
def client(world: World, feed: Feed, sql_check: SqlCheck) -> Client:
    """Return a client of the schema itself."""
    return Client(world=world, schema=build_api(), feed=feed, sql_check=sql_check)


def run(workshop: Path, tool: str, *arguments: str, fails: bool = False) -> str:
    """Run a tool of the packages in the copy to its good end, or to its bad one; return what it says."""
    done = subprocess.run(
        [workshop / "node_modules" / ".bin" / tool, *arguments],
        cwd=workshop,
        env={**os.environ, "SCHEMA": "schema.graphql", "NO_COLOR": "1", "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    told = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, told
    return told


@pytest.fixture(scope="module")
def compiled(workshop: Path) -> dict[str, str]:
    """Return the documents that Relay's compiler makes, by the names of their operations."""
    run(workshop, "relay-compiler", "relay.config.json")
    texts = {}
    for artifact in (workshop / "relay" / "__generated__").glob("*.graphql.ts"):
        found = re.search(r'"text": ("(?:[^"\\]|\\.)*")', artifact.read_text())
        if found is not None:
            texts[artifact.name.removesuffix(".graphql.ts")] = str(json.loads(found[1]))
    return texts


def test_relay_compiles_pages_and_what_can_be_fetched_again(compiled: dict[str, str]) -> None:
    """Without a setting for ids: pages forwards and backwards, look-ups of each type, and of any."""
    assert set(compiled) == {
        "finetuningsAnythingRefetchQuery",
        "finetuningsCancelMutation",
        "finetuningsChangesSubscription",
        "finetuningsConnectionRefetchQuery",
        "finetuningsHistoryPaginationQuery",
        "finetuningsListPaginationQuery",
        "finetuningsPageQuery",
        "finetuningsRowRefetchQuery",
    }
    schema = build_schema(schema_sdl())
    assert [name for name, text in compiled.items() if validate(schema, parse(text))] == []


async def test_relays_documents_are_answered(compiled: dict[str, str], client: Client) -> None:
    """By this server: a row is fetched again by its id, a history is read from its end, a list in pages."""
    created = await client.world.create()
    one = {"id": str(created.id)}
    row = (await client.data(compiled["finetuningsRowRefetchQuery"], **one))["node"]
    assert (row["__typename"], row["id"], row["status"]) == ("Finetuning", one["id"], "QUEUED")
    connection = {"id": row["dbConnection"]["id"]}
    found = (await client.data(compiled["finetuningsConnectionRefetchQuery"], **connection))["node"]
    assert (found["__typename"], found["alias"]) == ("DbConnection", "library")
    history = (await client.data(compiled["finetuningsHistoryPaginationQuery"], **one, last=1))["node"]
    assert [edge["node"]["kind"] for edge in history["events"]["edges"]] == ["CREATED"]
    page = (await client.data(compiled["finetuningsListPaginationQuery"], count=5))["finetunings"]
    assert (page["totalCount"], page["edges"][0]["node"]["id"]) == (1, one["id"])


def test_relay_refuses_what_the_schema_does_not_have(workshop: Path, compiled: dict[str, str]) -> None:
    """The good end above comes from a real look."""
    assert compiled
    wrong = workshop / "relay" / "wrong.ts"
    wrong.write_text("graphql`fragment wrong on Finetuning { nothing }`")
    try:
        assert "nothing" in run(workshop, "relay-compiler", "relay.config.json", fails=True)
    finally:
        wrong.unlink()


@pytest.fixture(scope="module")
def generated(workshop: Path) -> Path:
    """Return the directory of what the others make: graphql-codegen for three clients, genql, gql.tada."""
    run(workshop, "graphql-codegen", "--config", "codegen.ts")
    run(workshop, "genql", "--schema", "schema.graphql", "--output", "generated/genql")
    run(workshop, "gql.tada", "generate-output")
    return workshop / "generated"


def test_what_is_generated_is_strict_typescript(workshop: Path, generated: Path) -> None:
    """With every scalar mapped, and each client used once."""
    made = {one.name for one in generated.iterdir()}
    assert made == {"apollo.ts", "client", "genql", "tada.d.ts", "urql.ts"}
    assert run(workshop, "tsc", "-p", "tsconfig.json") == ""


def test_the_types_are_the_schemas(workshop: Path, generated: Path) -> None:
    """A field that there is not is an error of the compiler, with gql.tada without any generated document."""
    assert generated.is_dir()
    wrong = workshop / "tada.ts"
    right = wrong.read_text()
    wrong.write_text(right.replace("node.metadata?.reason", "node.metadata?.reason ?? node.nothing"))
    try:
        assert "Property 'nothing' does not exist" in run(workshop, "tsc", "-p", "tsconfig.json", fails=True)
    finally:
        wrong.write_text(right)
