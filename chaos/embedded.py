"""The embedded mongod of a server, found and killed from outside."""

import asyncio
import os
import signal
from pathlib import Path

from chaos.ledger import Ledger
from chaos.plan import Plan
from graphql_api.embedded_mongod.unix_socket import running_uri

FIRST_PAUSE_S = (2.0, 4.0)


def embedded_uri(data_dir: Path) -> str:
    """Return the address of the mongod on this data; raises ``LookupError`` if it does not run."""
    uri = running_uri(data_dir)
    if uri is None:
        raise LookupError("there is no embedded mongod")
    return uri


async def kill_mongod(plan: Plan, data_dir: Path, ledger: Ledger) -> None:
    """``kill -9`` the embedded mongod again and again; its server has to bring it back."""
    random = plan.random("mongod killer")
    pause_s = FIRST_PAUSE_S
    while True:
        await asyncio.sleep(random.uniform(*pause_s))
        pause_s = plan.mongod_pause_s
        try:
            pid = _pid(data_dir)
            _check_command(pid, data_dir)
            os.kill(pid, signal.SIGKILL)
        except (LookupError, ProcessLookupError):  # its server was killed a moment ago
            continue
        ledger.kills["embedded mongod"] += 1


def _pid(data_dir: Path) -> int:
    """Return the pid written down by the mongod."""
    try:
        return int((data_dir / "mongodb" / "mongod.lock").read_text())
    except (OSError, ValueError):
        raise LookupError("there is no embedded mongod") from None


def _check_command(pid: int, data_dir: Path) -> None:
    """Raise ``LookupError`` if the process of this number works on other data."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        command = []
    if str(data_dir / "mongodb") not in command:
        raise LookupError("there is no embedded mongod")
