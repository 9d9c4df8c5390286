"""What a person has after ``git clone``, and makes of it."""

import shutil
import sys
from pathlib import Path

from tests.examples.workshop import make
from tests.installation.locks import ROOT

_MADE = shutil.ignore_patterns(
    ".git", ".venv*", ".data", ".*_cache", ".hypothesis", ".coverage*", "__pycache__", "node_modules",
    "graphiql_assets", "build", "dist", "finetuning_client", ".install.lock",
)  # fmt: skip
"""What git ignores, and git's own."""


def clone(to: Path) -> Path:
    """Copy the project with what is not committed yet, and without all that was ever made from it."""
    shutil.copytree(ROOT, to, ignore=_MADE)
    return to


def make_wheel(checkout: Path) -> Path:
    """Build the wheel as people do and return it."""
    make("make", f"PYTHON={sys.executable}", "wheel", example=checkout)
    (wheel,) = (checkout / "dist").iterdir()
    return wheel


def environment_with(wheel: Path, *, checkout: Path) -> Path:
    """Return an environment with the wheel and what running needs, apart from the one that built it."""
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
