"""The example for TypeScript: its packages are installed, and its program is built."""

import hashlib
import shutil
import subprocess

import pytest

from tests.examples.workshop import EXAMPLES, SCHEMA, make, one_at_a_time

EXAMPLE = EXAMPLES / "typescript"
LOCK = EXAMPLE / "package-lock.json"
GENERATED = EXAMPLE / "src" / "gql"
INSTALLED = EXAMPLE / "node_modules" / "installed.stamp"
BUILT = EXAMPLE / "dist" / "built.stamp"
"""A digest of the sources of the build, written last."""
OLDEST_NODE = (20, 19)


def built_program() -> None:
    """Install and build, if not done already; skip without Node or npm's registry."""
    if missing := missing_programs():
        pytest.skip(f"needs {missing} on PATH")
    with one_at_a_time(EXAMPLE):
        if not INSTALLED.exists() or INSTALLED.read_bytes() != LOCK.read_bytes():
            make("npm", "ci", "--fetch-retries=1", example=EXAMPLE)
            INSTALLED.write_bytes(LOCK.read_bytes())
        digest = _digest()
        if not BUILT.exists() or BUILT.read_text() != digest:
            shutil.rmtree(GENERATED, ignore_errors=True)  # the generator leaves its old files
            make("npm", "run", "build", example=EXAMPLE)
            BUILT.write_text(digest)


def missing_programs() -> str | None:
    """Return what the example needs and this machine has not."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm"
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    major, minor = map(int, printed.removeprefix("v").split(".")[:2])
    return None if (major, minor) >= OLDEST_NODE else "Node.js 20.19 or newer"


def _digest() -> str:
    """Return a digest of all sources of the build."""
    own = [*EXAMPLE.glob("*.json"), *EXAMPLE.glob("*.ts")]
    sources = [file for file in EXAMPLE.glob("src/**/*.*") if GENERATED not in file.parents]
    files = [SCHEMA, EXAMPLES / "scalars.json", *sorted(own + sources)]
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()
