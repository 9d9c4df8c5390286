"""What the README claims about settings and commands, held to the code."""

import json
import re
from pathlib import Path

from graphql_api import __version__
from graphql_api.cli import main
from graphql_api.composition.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_settings_table_lists_every_setting_with_its_default() -> None:
    """A setting that nobody can find is no setting."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \| (.+) \|$", README, flags=re.MULTILINE)
    fields = Settings.model_fields.items()
    assert rows == [(name.upper(), _shown(field.default), field.description) for name, field in fields]


def test_every_command_is_mentioned() -> None:
    """The console script's commands are all in the README."""
    assert [name for name in main.commands if f"graphql-api {name}" not in README] == []
    assert "make demo" in README


def test_the_provider_table_names_what_is_run() -> None:
    """The versions of what others wrote are those that the tests install."""
    packages = json.loads((ROOT / "tests/gateways/package.json").read_text())["dependencies"]
    installed = {
        "aimock": packages["@copilotkit/aimock"],
        "Prism": packages["@stoplight/prism-cli"],
        "LiteLLM": (ROOT / "tests/gateways/litellm.in").read_text().strip().partition("==")[2],
    }
    assert {name: re.findall(rf"{name}\S* (\d\S*\d)", README) for name in installed} == {
        name: [version] for name, version in installed.items()
    }


def test_the_changelog_is_of_this_version() -> None:
    """Its top entry is the package's version."""
    top = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert top is not None
    assert top[1] == __version__


def _shown(default: object) -> str:
    return "—" if default in (None, ()) else f"`{default}`"
