"""The documented maps of the code agree with the tree.

They are in docs/architecture.md and CONTRIBUTING.md.
"""

import re
import tomllib
from pathlib import Path

import pytest

from graphql_api.documents import CancellationPhase, FinetuningStatus

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "graphql_api"
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
MAPS = {"docs/architecture.md": ARCHITECTURE, "CONTRIBUTING.md": CONTRIBUTING}

NAMED = r"`([a-z_]+(?:/[\w.]+)*/?(?:\.py|(?<=/)))`"
"""A path in backticks: a file of Python, or a folder with its slash."""
PATCHED = r"\.setattr\(\s*[\"']?(\w+)"
"""What a test patches, by the first part of its name."""
MOCKED = r"^\s*(?:from|import) (?:unittest|mock|pytest_mock)\b"


@pytest.mark.parametrize("page", MAPS)
def test_every_path_on_the_page_exists(page: str) -> None:
    """A path is the repository's or the package's."""
    named = re.findall(NAMED, MAPS[page])
    assert len(named) > 3
    assert [path for path in named if not any((base / path).exists() for base in (ROOT, PACKAGE))] == []


def test_the_diagram_shows_every_room_and_no_other() -> None:
    """The rooms and the modules beside them are those of the layer contract."""
    diagram = _block(ARCHITECTURE, "text")
    shown = re.findall(r"(?<![\w/])(\w+)(?:/|\.py\b)", diagram)
    assert set(shown) == {name for layer in _layers() for name in layer}


def test_the_layer_contract_has_every_room() -> None:
    """A package or module of graphql_api stands on exactly one floor."""
    found = [path.stem for path in PACKAGE.glob("*.py")]
    found += [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    assert sorted(found) == sorted(["__init__", *(name for layer in _layers() for name in layer)])


def test_the_floors_are_those_of_the_layer_contract() -> None:
    """The list in CONTRIBUTING is the contract's, floor for floor."""
    floors = [set(line.split(", ")) for line in _block(CONTRIBUTING, "text").splitlines()]
    assert floors == _layers()


def test_the_diagram_of_states_shows_every_status() -> None:
    """Each status is in the diagram, and each phase of a cancel in the text below it."""
    diagram = _block(ARCHITECTURE, "mermaid")
    assert set(re.findall(r"\b[A-Z_]{2,}\b", diagram)) == {status.name for status in FinetuningStatus}
    phases = {phase.name for phase in CancellationPhase}
    assert phases <= set(re.findall(r"`([A-Z]+)`", ARCHITECTURE))


def test_no_test_patches_the_code_it_tests() -> None:
    """Only modules of the standard library are patched: what a test wants to own is an argument."""
    files = {file: file.read_text() for file in (ROOT / "tests").rglob("*.py")}
    patched = {name for text in files.values() for name in re.findall(PATCHED, text)}
    assert patched <= {"hmac", "os", "pwd", "sys", "tempfile"}
    assert [file.name for file, text in files.items() if re.search(MOCKED, text, re.MULTILINE)] == []


def test_there_are_enough_ways_in() -> None:
    """The table gives the start of at least fifteen changes."""
    table = ARCHITECTURE.partition("| I want to change |")[2].partition("\n\n")[0]
    assert len(table.splitlines()[2:]) >= 15


def _block(page: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)\n```$", page, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def _layers() -> list[set[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (one["layers"] for one in settings["contracts"] if one["type"] == "layers")
    return [set(re.split(r" [|:] ", floor)) for floor in layers]
