"""Installs from an index of newer releases.

The Makefile's own rules install; everything has been released again.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.installation.future_index import copy_of_lock, serving
from tests.installation.interpreters import VERSIONS, needed_interpreter, oldest_pip
from tests.installation.locks import LOCKS, ROOT, pins

BROUGHT_BY_PYTHON = {"pip", "setuptools"}
UV = f'#!/bin/sh\nexec {Path(sys.executable).with_name("uv")} "$@"'
NO_UV = "#!/bin/sh\nexit 2"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a directory with the Makefile."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve the index and yield its URL."""
    (tmp_path / "index").mkdir()
    with serving(tmp_path / "index") as url:
        yield url


@pytest.mark.timeout(600)  # an environment with its own pip, and a hundred packages
@pytest.mark.parametrize("installer", ["uv", "pip", "oldest pip"])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_installed_is_what_is_pinned(version: str, installer: str, project: Path, index: str) -> None:
    """By uv, by this Python's bundled pip and by that of its first release: nothing becomes newer."""
    python = needed_interpreter(version)
    program = UV if installer == "uv" else NO_UV
    arguments = [f"PYTHON={python}"]
    if installer == "oldest pip":
        arguments.append(f"PIP=.venv/bin/python {oldest_pip(python, project)} --quiet")
    for lock in LOCKS:
        text = copy_of_lock(ROOT / lock, index=project / "index", programs={"uv": program})
        (project / lock).write_text(text)
    told = _make(".venv/run.stamp", *arguments, project=project, index=index)
    assert _installed(project) == _pinned("requirements-run.lock") | _pinned("requirements-installer.lock")
    told += _make(".venv/dev.stamp", *arguments, project=project, index=index)
    assert _installed(project) == _pinned("requirements-dev.lock")
    assert ("pip goes on" in told) == (program == NO_UV)


def _make(target: str, *arguments: str, project: Path, index: str) -> str:
    """Make the target to its good end, and return its output."""
    own = {"PIP_INDEX_URL": index, "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "NO_PROXY": "127.0.0.1"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "UV_"))}
    command = ["make", *arguments, target]
    done = subprocess.run(
        command, cwd=project, env=inherited | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _pinned(lock: str) -> dict[str, str]:
    return {name: pin.version for name, pin in pins(ROOT / lock).items() if pin.is_for_this_machine}


def _installed(project: Path) -> dict[str, str]:
    (packages,) = (project / ".venv" / "lib").glob("python*/site-packages")
    found = {each.metadata["Name"]: each.version for each in distributions(path=[str(packages)])}
    return {name: version for name, version in found.items() if name not in BROUGHT_BY_PYTHON}
