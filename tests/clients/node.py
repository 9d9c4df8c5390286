"""Node with the packages that ``package.json`` beside this file pins."""

import asyncio
import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).parent
LOCK = DIRECTORY / "package-lock.json"
STAMP = DIRECTORY / "node_modules" / "installed.stamp"
"""A copy of the lock, written last: what an interrupted installation left behind does not count."""
OUT_OF_REACH = ("EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "ENOTFOUND", "ETIMEDOUT")
"""npm's words for a registry that does not answer, which is no fault of the project."""
LIMIT_S = 50
"""A script that hangs is a finding, and must not take the test run with it."""


def install() -> None:
    """Install the packages unless the lock's are there; skips the test where that cannot be done."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        pytest.skip(f"needs {' and '.join(missing)} on PATH")
    with (DIRECTORY / ".install.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
            _install()


def _install() -> None:
    npm = subprocess.run(["npm", "ci"], cwd=DIRECTORY, capture_output=True, text=True, check=False)  # noqa: S607
    if npm.returncode and any(word in npm.stderr for word in OUT_OF_REACH):
        pytest.skip("npm cannot reach its registry")
    assert npm.returncode == 0, npm.stderr
    STAMP.write_bytes(LOCK.read_bytes())


async def run(script: str, *arguments: str) -> str:
    """Run a script of this directory, which has to end well, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(DIRECTORY / script),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(), LIMIT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, stderr.decode()
    return stdout.decode()
