"""The supported interpreters, and their first pips.

Each pip came with the first release of its Python.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples.workshop import make

VERSIONS = ("3.11", "3.12", "3.13")
_OLDEST = Path(__file__).with_name("oldest_pips.lock")
_WORKS = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


def interpreter(version: str) -> str | None:
    """Return the path of a working interpreter of this version on PATH, if there is one."""
    path = shutil.which(f"python{version}")
    if path is None:
        return None
    done = subprocess.run([path, "-c", _WORKS], capture_output=True, text=True, check=False)
    return (
        path if done.stdout.strip() == version else None
    )  # a version manager's shim may have no interpreter behind it


def needed_interpreter(version: str) -> str:
    """Return the interpreter; skip the test without it."""
    path = interpreter(version)
    if path is None:
        pytest.skip(f"needs a python{version} with venv on PATH")
    return path


def oldest_pip(python: str, directory: Path) -> Path:
    """Fetch the pip bundled with the first release of this Python; it runs from its wheel."""
    environment = directory / "fetching"
    make(python, "-m", "venv", str(environment), example=directory)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "download", "--no-deps", "--require-hashes"]
    make(*pip, "--dest", str(environment), "-r", str(_OLDEST), example=directory)
    (wheel,) = environment.glob("pip-*.whl")
    return wheel / "pip"
