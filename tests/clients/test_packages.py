"""The packages that the clients need: pinned, installed from any mirror, and there when a test asks."""

import json
import re

from tests.clients.node import DIRECTORY, LOCK, run

LOCKED = json.loads(LOCK.read_text())["packages"]


def test_every_version_is_pinned() -> None:
    """A client that changes by itself is no measure."""
    wanted = json.loads((DIRECTORY / "package.json").read_text())["dependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_lock_names_no_host() -> None:
    """So that a mirror works as well."""
    assert [name for name, package in LOCKED.items() if "resolved" in package] == []
    assert [name for name, package in LOCKED.items() if name and "integrity" not in package] == []


async def test_a_script_finds_its_packages(node_packages: None) -> None:
    """The one that everything else builds on is the one that is pinned."""
    printed = await run("graphql_version.mjs")
    assert printed == LOCKED["node_modules/graphql"]["version"] + "\n"
