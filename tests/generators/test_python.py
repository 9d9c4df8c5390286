"""gql and sgqlc take the schema whole; they have an environment of their own, with an older graphql-core.

ariadne-codegen is tried by the example in Python.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, introspection_from_schema, parse, validate

from graphql_api.schema import schema_sdl
from tests.examples.workshop import make, one_at_a_time

HERE = Path(__file__).parent
ENVIRONMENT = Path(__file__).parents[2] / ".venv-generators"
LOCK = HERE / "python.lock"
STAMP = ENVIRONMENT / "requirements.stamp"
"""A copy of the lock, written last: the remains of an interrupted installation do not count."""
LIMIT_S = 60

WITH_GQL = """
from gql import Client, gql
from gql.dsl import DSLInlineFragment, DSLQuery, DSLSchema, dsl_gql
from graphql import print_ast

client = Client(schema=open("schema.graphql").read())
api = DSLSchema(client.schema)
alias = DSLInlineFragment().on(api.Finetuning).select(api.Finetuning.alias, api.Finetuning.metadata)
page = api.Query.finetunings(last=2, filter={"status": ["RUNNING"]})
page.select(api.FinetuningConnection.totalCount, api.FinetuningConnection.nodes.select(api.Finetuning.id))
asked = dsl_gql(DSLQuery(api.Query.node(id="65f0").select(api.Node.nodeId, alias), page))
client.validate(asked)
try:
    client.validate(gql("{ nothing }"))
except Exception as refused:
    assert "Cannot query field 'nothing'" in str(refused)
else:
    raise AssertionError("an unknown field is taken")
print(print_ast(asked.document))
"""
WITH_SGQLC = """
import api
from sgqlc.operation import Operation

asked = Operation(api.Query)
node = asked.node(id="65f0")
node.node_id()
node.__as__(api.Finetuning).alias()
page = asked.finetunings(last=2, filter={"status": ["RUNNING"]})
page.total_count()
page.nodes.metadata()
print(asked)
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """Return the interpreter of the environment with both."""
    interpreter = ENVIRONMENT / "bin" / "python"
    with one_at_a_time(HERE):
        if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
            make(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT), example=HERE)
            pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
            pinned = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", LOCK.name]
            make(*pip, "--no-compile", *pinned, example=HERE)
            shutil.copy(LOCK, STAMP)
    return interpreter


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """Return a directory with the schema in both of its forms."""
    (tmp_path / "schema.graphql").write_text(schema_sdl())
    introspected = introspection_from_schema(build_schema(schema_sdl()))
    (tmp_path / "schema.json").write_text(json.dumps(introspected))
    return tmp_path


def run(workshop: Path, *command: str | Path) -> str:
    """Run a command there to its good end, and return its output."""
    done = subprocess.run(command, cwd=workshop, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_is_valid(document: str) -> None:
    """Assert that the server takes the document, with all that the tool was asked for."""
    assert validate(build_schema(schema_sdl()), parse(document)) == []
    for word in ("nodeId", "... on Finetuning", "last: 2", "totalCount"):
        assert word in document


def test_gql_composes_and_validates_documents(python: Path, workshop: Path) -> None:
    """From the schema's text, with a fragment on one type of node."""
    assert_is_valid(run(workshop, python, "-c", WITH_GQL))


def test_sgqlc_makes_types_and_documents_of_them(python: Path, workshop: Path) -> None:
    """From the schema's introspection, its docstrings included."""
    codegen = python.with_name("sgqlc-codegen")
    run(workshop, codegen, "schema", "--docstrings", "schema.json", "api.py")
    assert_is_valid(run(workshop, python, "-c", WITH_SGQLC))
    text = "query Page($last: Int) { finetunings(last: $last) { totalCount nodes { id metadata } } }"
    (workshop / "page.graphql").write_text(text)
    run(workshop, codegen, "operation", "--schema", "schema.json", "api", "operations.py", "page.graphql")
    page = run(workshop, python, "-c", "import operations; print(operations.Operations.query.page)")
    assert validate(build_schema(schema_sdl()), parse(page)) == []
