"""The example for TypeScript before it runs: its packages, and its types."""

import json
import re

import pytest

from tests.examples.console import EXAMPLE, LOCK, built_console

LOCKED = json.loads(LOCK.read_text())["packages"]
LOOSE = re.compile(r"\b(any|unknown)\b")

GENERATORS_OWN = re.compile(
    r"/\*\*.*?\*/"
    r"|^type Exact<T extends \{ \[key: string\]: unknown \}>"
    r"|as unknown as DocumentNode<\w+, \w+>;$",
    re.DOTALL | re.MULTILINE,
)


def test_every_version_is_pinned() -> None:
    """So that the example still works when somebody tries it."""
    package = json.loads((EXAMPLE / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_lock_names_no_host() -> None:
    """So that a mirror works as well."""
    assert [name for name, package in LOCKED.items() if "resolved" in package] == []


def test_the_consoles_own_code_has_a_type_for_everything() -> None:
    """There is no way round the schema's types in it."""
    sources = [file for file in EXAMPLE.glob("src/**/*.ts*") if "gql" not in file.parts]
    loose = {file.name for file in sources if LOOSE.search(file.read_text()) or "@ts-" in file.read_text()}
    assert (len(sources) > 10, loose) == (True, set())


@pytest.mark.timeout(180)
def test_what_is_generated_has_a_type_for_everything() -> None:
    """Results, variables and inputs; what is left is how the generator makes its documents."""
    built_console()
    generated = (EXAMPLE / "src" / "gql" / "graphql.ts").read_text()
    declared = re.findall(r"^export type (\w+) =", generated, re.MULTILINE)
    assert {"FinetuningViewFragment", "CreateFinetuningInput", "CancelFinetuningMutation"} <= set(declared)
    assert LOOSE.findall(GENERATORS_OWN.sub("", generated)) == []
