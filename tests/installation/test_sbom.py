"""The list of the server's parts is complete."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graphql_api import __version__
from tests.installation.locks import ROOT, pins
from tests.installation.sbom import LOCK, STAMP, write_sbom


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the list as it is written now."""
    if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
        pytest.skip("needs cyclonedx-py: make sbom")
    file: Path = tmp_path_factory.mktemp("sbom") / "sbom.cdx.json"
    write_sbom(file)
    written: dict[str, Any] = json.loads(file.read_text())
    return written


def test_every_pin_is_a_component(sbom: dict[str, Any]) -> None:
    """With its version and its digests; and there is no other component."""
    locked = pins(ROOT / "requirements.lock").values()
    expected = {pin.name: (pin.version, sorted(pin.digests)) for pin in locked}
    found = {one["name"]: (one["version"], _digests(one)) for one in sbom["components"]}
    assert (len(found) > 30, found) == (True, expected)


def test_it_names_the_project(sbom: dict[str, Any]) -> None:
    """By name, version and licence, in the edition that scanners read."""
    project = sbom["metadata"]["component"]
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    assert (project["name"], project["version"]) == ("finetuning-graphql-api", __version__)
    assert [one["license"]["id"] for one in project["licenses"]] == ["Apache-2.0"]


def test_it_names_no_mirror(sbom: dict[str, Any]) -> None:
    """Each file is said to be at the public index, wherever this machine gets it."""
    urls = [reference["url"] for one in sbom["components"] for reference in one["externalReferences"]]
    assert {url.split("/")[2] for url in urls} == {"pypi.org"}


def test_the_same_lock_makes_the_same_file(sbom: dict[str, Any]) -> None:
    """It has neither a number nor a time of its own."""
    assert ("serialNumber" in sbom, "timestamp" in sbom["metadata"]) == (False, False)


@pytest.mark.usefixtures("sbom")
def test_a_list_that_was_not_written_is_an_error(tmp_path: Path) -> None:
    """Else a build would go on with none, or with an old one."""
    with pytest.raises(subprocess.CalledProcessError):
        write_sbom(tmp_path)


def _digests(component: dict[str, Any]) -> list[str]:
    return sorted(one["content"] for file in component["externalReferences"] for one in file["hashes"])
