"""Node with the packages of a pinned ``package.json``.

It is the one beside this file, or another directory's.
"""

import asyncio
import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).parent
STAMP = Path("node_modules", "installed.stamp")
"""A copy of the lock, written last: the remains of an interrupted installation do not count."""
OUT_OF_REACH = ("EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "ENOTFOUND", "ETIMEDOUT")
"""npm's words for an unreachable registry: no fault of the project."""
LIMIT_S = 50
"""A hanging script is a finding, and must not take the test run with it."""


def install(directory: Path = DIRECTORY) -> None:
    """Install the packages unless the lock's are there; skip the test without npm or its registry."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        pytest.skip(f"needs {' and '.join(missing)} on PATH")
    if _is_too_old(least := _least_version(directory)):
        pytest.skip(f"needs Node.js {least} or newer on PATH")
    with (directory / ".install.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        stamp, lock = directory / STAMP, lock_of(directory).read_bytes()
        if not stamp.exists() or stamp.read_bytes() != lock:
            _install(directory)
            stamp.write_bytes(lock)


def lock_of(directory: Path) -> Path:
    """Return the file of the directory's pinned packages."""
    return directory / "package-lock.json"


def _least_version(directory: Path) -> str:
    engines: dict[str, str] = json.loads((directory / "package.json").read_text())["engines"]
    return engines["node"].removeprefix(">=")


def _is_too_old(least: str) -> bool:
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    return _numbers(told.strip().removeprefix("v")) < _numbers(least)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _install(directory: Path) -> None:
    npm = subprocess.run(["npm", "ci"], cwd=directory, capture_output=True, text=True, check=False)  # noqa: S607
    if npm.returncode and any(word in npm.stderr for word in OUT_OF_REACH):
        pytest.skip("npm cannot reach its registry")
    assert npm.returncode == 0, npm.stderr


async def run(script: str, *arguments: str) -> str:
    """Run a script of this directory to its good end, and return its output."""
    return await _node(str(DIRECTORY / script), *arguments)


async def run_text(text: str) -> str:
    """Run a module of this text with this directory's packages to its good end, and return its output."""
    return await _node("--input-type=module", "-", stdin=text)


async def _node(*arguments: str, stdin: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        "node",
        *arguments,
        cwd=DIRECTORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(stdin.encode()), LIMIT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, stderr.decode()
    return stdout.decode()
