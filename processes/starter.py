"""The one form of both ways to start a process.

They are a nursery's ``fork``, and ``interpret``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from processes.child import ChildProcess


class Starter(Protocol):
    """Starts a module with its arguments, as ``python -m`` does, in a session of its own."""

    def __call__(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        stdout: Path,
        stderr: Path,
    ) -> ChildProcess:
        """Start it and return at once; its output goes to these files."""
        ...
