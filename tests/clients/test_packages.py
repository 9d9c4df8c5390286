"""The tests' packages from npm.

They are pinned, installed from any mirror, and there when a test asks.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import gateways, generators
from tests.clients.node import DIRECTORY, lock_of, run

DIRECTORIES = (DIRECTORY, Path(gateways.__file__).parent, Path(generators.__file__).parent)
EACH = pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda directory: directory.name)


def locked(directory: Path) -> dict[str, Any]:
    """Return the lock's entry of each of the directory's packages."""
    packages: dict[str, Any] = json.loads(lock_of(directory).read_text())["packages"]
    return packages


@EACH
def test_every_version_is_pinned(directory: Path) -> None:
    """A program that changes by itself is no measure."""
    wanted = json.loads((directory / "package.json").read_text())["dependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: locked(directory)[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@EACH
def test_the_lock_names_no_host(directory: Path) -> None:
    """So that a mirror works as well."""
    packages = locked(directory)
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


async def test_a_script_finds_its_packages(node_packages: None) -> None:
    """The base package is the pinned one."""
    printed = await run("graphql_version.mjs")
    assert printed == locked(DIRECTORY)["node_modules/graphql"]["version"] + "\n"
