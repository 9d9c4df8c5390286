"""A wall clock set by a test under live servers.

Their monotonic clock stays the machine's.
"""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.processes.client import Client
from tests.processes.patience import eventually

NOT_INSTALLED = "libfaketime is not installed: apt-get install faketime"

HOUR_S = 3600
_SHOWN_WITHIN_S = 120
"""The largest distance of a server's time from the set one: far more than a busy machine is late."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """Tells every process with this ``environment`` the time of day of the last ``set``."""

    library: Path
    file: Path

    def set(self, *, ahead_s: int) -> None:
        """Put the clock this many seconds ahead of the machine's; below zero, behind."""
        whole = self.file.with_suffix(".next")
        whole.write_text(f"{ahead_s:+d}")
        whole.replace(self.file)  # it is read at every look at the clock, so never half written

    @property
    def environment(self) -> dict[str, str]:
        """The variables for a process on this clock."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",  # else every module looks newer than its compiled form
        }

    async def step(self, client: Client, *, ahead_s: int) -> None:
        """Set the clock and wait for the running server to go by it: its answers carry the date."""
        self.set(ahead_s=ahead_s)

        async def look() -> bool | None:
            response = await client.http.get(f"{client.url}/livez")
            shown = parsedate_to_datetime(response.headers["date"]).timestamp()
            return abs(shown - time.time() - ahead_s) < _SHOWN_WITHIN_S or None

        await eventually(look)


def wall_clock(directory: Path) -> WallClock:
    """Return a clock still right; skips the test on a machine without libfaketime."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip(NOT_INSTALLED)
    clock = WallClock(library=library, file=directory / "wall-clock")
    clock.set(ahead_s=0)
    return clock
