"""A person's clone, and the things made from it."""

import shutil
import sys
from pathlib import Path

from tests.examples.workshop import make
from tests.installation.locks import LOCKS, ROOT

_FILES = ("LICENSE", "Makefile", "hatch_build.py", "pyproject.toml", "schema.graphql", *LOCKS)
_FOLDERS = ("console", "graphiql", "graphql_api")
_MADE = shutil.ignore_patterns("__pycache__", "node_modules", "gql", "console_assets", "graphiql_assets")
"""The parts of these folders outside of a clone."""


def clone(to: Path) -> Path:
    """Copy the sources of an installation, and nothing made from them before.

    Not from git: a machine for running the tests may not have it.
    """
    to.mkdir()
    for name in _FILES:
        shutil.copy2(ROOT / name, to)
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, to / name, ignore=_MADE)
    return to


def make_wheel(checkout: Path) -> Path:
    """Build the wheel as people do and return it."""
    make("make", f"PYTHON={sys.executable}", "wheel", example=checkout)
    (wheel,) = (checkout / "dist").iterdir()
    return wheel


def environment_with(wheel: Path, *, checkout: Path) -> Path:
    """Return an environment with the wheel and the needs of running, apart from the wheel's builder."""
    environment = checkout / "empty"
    make(
        "make",
        f"PYTHON={sys.executable}",
        f"VENV={environment}",
        f"{environment}/run.stamp",
        example=checkout,
    )
    python = str(environment / "bin" / "python")
    make(python, "-m", "pip", "--quiet", "install", "--no-deps", "--no-index", str(wheel), example=checkout)
    return environment
