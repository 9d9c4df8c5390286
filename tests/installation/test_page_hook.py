"""The build hook of the pages.

Node.js or npm's registry may be missing.
"""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from hatch_build import PAGES, Page, has_node
from tests.installation.checkout import clone

PLACES = [f"{page.assets}/index.html" for page in PAGES]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a clean clone."""
    return clone(tmp_path / "project")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return the one directory on PATH, with a working Node.js and an npm without a network."""
    directory = tmp_path / "programs"
    directory.mkdir()
    _program(directory / "node", "echo v22.12.0")
    _program(directory / "npm", "echo 'npm error ENOTFOUND' >&2; exit 1")
    return directory


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.folder)
def test_a_page_that_npm_cannot_build_ends_the_build(page: Page, checkout: Path, programs: Path) -> None:
    """There is no wheel without it then; npm's own words and the way on are shown."""
    others = {other.unless: "1" for other in PAGES if other != page}
    done = _build(checkout, PATH=str(programs), **others)
    assert done.returncode != 0
    assert "npm error ENOTFOUND" in done.stderr
    assert f"{page.name} is not built, npm could not install what it is made of" in done.stderr
    assert f"{page.unless}=1 builds without it" in done.stderr
    assert list((checkout / "dist").iterdir()) == []


def test_they_can_be_left_out(checkout: Path, programs: Path) -> None:
    """On demand."""
    done = _build(checkout, PATH=str(programs), WITHOUT_CONSOLE="1", WITHOUT_GRAPHIQL="1")
    assert (done.returncode, _pages(checkout)) == (0, [])


def test_without_a_node_that_does_they_are_left_out(checkout: Path, programs: Path) -> None:
    """Python alone is enough to install the rest; Debian 12 has Node.js 18."""
    _program(programs / "node", "echo v18.20.4")
    done = _build(checkout, PATH=str(programs))
    assert (done.returncode, _pages(checkout)) == (0, [])
    for page in PAGES:
        said = f"{page.name} is not built, that needs Node.js 20.19, 22.12 or newer"
        assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    "version", ["v20.18.3", "v21.7.3", "v22.11.0", "", "v20.19.0", "v22.12.0", "v24.0.0"]
)
def test_the_versions_that_do(version: str, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those that vite runs on; a version manager's shim may say nothing."""
    _program(programs / "node", f"echo {version}")
    monkeypatch.setenv("PATH", str(programs))
    assert has_node() == (version in {"v20.19.0", "v22.12.0", "v24.0.0"})


def test_pages_that_are_there_are_taken(checkout: Path, programs: Path) -> None:
    """As in the image: there other stages build them."""
    _write_pages(checkout)
    done = _build(checkout, PATH=str(programs))
    assert (done.returncode, _pages(checkout)) == (0, PLACES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.folder)
def test_a_page_older_than_its_sources_is_built_anew(page: Page, checkout: Path, programs: Path) -> None:
    """A build from before a change is not shipped after it."""
    _write_pages(checkout)
    os.utime(checkout / page.assets / "index.html", (0, 0))
    assert _build(checkout, PATH=str(programs)).returncode != 0


def test_the_console_is_built_anew_for_another_schema(checkout: Path, programs: Path) -> None:
    """Its types are made from it."""
    _write_pages(checkout)
    later = (checkout / PLACES[0]).stat().st_mtime + 60
    os.utime(checkout / "schema.graphql", (later, later))
    done = _build(checkout, PATH=str(programs))
    assert (done.returncode != 0, "The console is not built" in done.stderr) == (True, True)


def _write_pages(checkout: Path) -> None:
    for place in PLACES:
        (checkout / place).parent.mkdir()
        (checkout / place).write_text("<title>Built</title>")


def _program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def _build(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel as a build frontend does."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def _pages(checkout: Path) -> list[str]:
    """Return the pages in the wheel."""
    (wheel,) = (checkout / "dist").iterdir()
    return [place for place in PLACES if place in ZipFile(wheel).namelist()]
