"""Looks at processes from outside."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from graphql_api.embedded_mongod.lifeline import is_alive

_DEADLINE_SECONDS = 60
_POLL_SECONDS = 0.005


def is_running(pid: int) -> bool:
    """Tell whether the process runs; an ended one does not, even before it is reaped."""
    return is_alive(pid) and _state(pid) != "Z"


def is_waiting(pid: int) -> bool:
    """Tell whether the process waits for something outside; if this is invisible, it is taken to."""
    return _state(pid) in {"S", None}


def _state(pid: int) -> str | None:
    """Return the kernel's letter for the process's state; ``None``: no process, or no Linux."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[0]


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment that the process was started with."""
    variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(variable.split("=", 1) for variable in variables if variable)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition to hold; raises TimeoutError when it does not come to hold."""
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not condition():  # noqa: ASYNC110 - another process reports to no event of ours
            await asyncio.sleep(_POLL_SECONDS)
