"""The claims of the README and of the providers' page."""

import json
import re
from pathlib import Path

from graphql_api import __version__
from graphql_api.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROVIDERS = (ROOT / "docs/providers.md").read_text()


def test_the_readme_is_a_page_to_scan() -> None:
    """It has at most 220 lines, and leads to the code's own page in the first 20."""
    assert len(README.splitlines()) <= 220
    assert "docs/architecture.md" in "".join(README.splitlines()[:20])


def test_every_command_is_mentioned() -> None:
    """The console script's commands are all in the README."""
    assert [name for name in main.commands if f"graphql-api {name}" not in README] == []
    assert "make demo" in README


def test_the_provider_table_names_what_is_run() -> None:
    """The versions of others' programs are the installed ones of the tests."""
    packages = json.loads((ROOT / "tests/gateways/package.json").read_text())["dependencies"]
    installed = {
        "aimock": packages["@copilotkit/aimock"],
        "Prism": packages["@stoplight/prism-cli"],
        "LiteLLM": (ROOT / "tests/gateways/litellm.in").read_text().strip().partition("==")[2],
    }
    assert {name: re.findall(rf"{name}\S* (\d\S*\d)", PROVIDERS) for name in installed} == {
        name: [version] for name, version in installed.items()
    }


def test_the_changelog_is_of_this_version() -> None:
    """Its newest release is the package's version; changes since then stand above it."""
    top = re.search(r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert top is not None
    assert top[1] == __version__
