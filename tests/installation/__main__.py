"""The matrix of installations, timed and weighed.

It takes every supported Python on PATH, from clean clones.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.installation.checkout import clone
from tests.installation.interpreters import VERSIONS, interpreter
from tests.installation.locks import ROOT

TARGETS = ("demo", "dev", "wheel")
HEADINGS = ("Python", "its pip", *(f"`make {target}`" for target in TARGETS), "newer releases")


def main() -> None:
    """Print the matrix as a table."""
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            print(f"| {version} | not on PATH |" + " |" * (len(HEADINGS) - 2))
            continue
        cells = [_run([python, "--version"])[1].split()[-1], _bundled_pip(python)]
        cells += [_measured(python, target) for target in TARGETS]
        print(f"| {' | '.join([*cells, _with_newer_releases(version)])} |", flush=True)


def _measured(python: str, target: str) -> str:
    """Make the target in a clean clone; tell the seconds it took and used, and the environment's size."""
    with tempfile.TemporaryDirectory() as directory:
        checkout = clone(Path(directory) / "project")
        began, used = time.monotonic(), _processor_s()
        code, told = _run(["make", f"PYTHON={python}", target], cwd=checkout)
        took, used = time.monotonic() - began, _processor_s() - used
        if code:
            return f"fails: {told.splitlines()[-1]}"
        size = _run(["du", "-sm", str(checkout / ".venv")])[1].split()[0]
        return f"{took:.0f} s ({used:.0f} s of processors), {size} MB"


def _with_newer_releases(version: str) -> str:
    """Run the tests with an index of newer releases with this Python."""
    path = "tests/installation/test_future_releases.py"
    told = _run(
        [sys.executable, "-m", "pytest", path, "-q", "-k", version, "-p", "no:cacheprovider"], cwd=ROOT
    )[1]
    return told.splitlines()[-1].strip("= ")


def _bundled_pip(python: str) -> str:
    return _run([python, "-c", "import ensurepip; print(ensurepip.version())"])[1].strip()


def _processor_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _run(command: list[str], cwd: Path | None = None) -> tuple[int, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=inherited,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    main()
