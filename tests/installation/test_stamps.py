"""The Makefile installs only the missing parts.

A program with a record of its calls stands in for the installers.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.installation.locks import ROOT

RUN, DEV = ".venv/run.stamp", ".venv/dev.stamp"
NEW = ["venv", "pip requirements-installer.lock", "uv requirements-run.lock"]
TELLING = """#!/bin/sh
test ! -e broken || exit 1
case "$*" in
*"-m venv"*)
    rm -rf .venv
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    cp "$0" .venv/bin/uv
    echo venv ;;
*) for lock; do :; done; echo "$(basename "$0" | sed s/python/pip/) $lock" ;;
esac >> told
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a directory with the Makefile, locks, and a Python that only tells."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("run", "dev", "installer"):
        (tmp_path / f"requirements-{name}.lock").write_text(f"{name}==1\n")
    (tmp_path / "python").write_text(TELLING)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def test_developing_comes_on_top_of_running(project: Path) -> None:
    """Neither is installed twice, also if a lock was only touched."""
    assert _make(RUN, project) == NEW
    assert _make(DEV, project) == ["uv requirements-dev.lock"]
    _touch(project / "requirements-run.lock")
    _touch(project / "requirements-dev.lock")
    assert _make(DEV, project) + _make(RUN, project) == []


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_another_lock_makes_a_new_environment(lock: str, project: Path) -> None:
    """Nothing of the old one is left over."""
    _make(DEV, project)
    (project / f"requirements-{lock}.lock").write_text("other==1\n")
    _touch(project / f"requirements-{lock}.lock")
    assert _make(DEV, project) == [*NEW, "uv requirements-dev.lock"]


def test_a_tool_of_tomorrow_leaves_what_runs_alone(project: Path) -> None:
    """Without installed tools their lock does not matter."""
    _make(RUN, project)
    (project / "requirements-dev.lock").write_text("other==1\n")
    _touch(project / "requirements-dev.lock")
    assert _make(RUN, project) == []


def test_an_interrupted_installation_does_not_count(project: Path) -> None:
    """Its remains are cleared away."""
    _make(RUN, project)
    (project / "broken").touch()
    assert _make(DEV, project, code=2) == []
    (project / "broken").unlink()
    assert _make(DEV, project) == [*NEW, "uv requirements-dev.lock"]


def _touch(file: Path) -> None:
    """Make it newer than every stamp, for any clock of the file system."""
    later = file.stat().st_mtime + 60
    os.utime(file, (later, later))


def _make(target: str, project: Path, code: int = 0) -> list[str]:
    """Make the target and return the packages installed for it."""
    told = project / "told"
    told.unlink(missing_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "PYTHON=./python", target]
    done = subprocess.run(command, cwd=project, env=inherited, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return told.read_text().splitlines() if told.exists() else []
