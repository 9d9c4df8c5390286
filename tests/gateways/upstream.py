"""The provider behind all others, asked directly.

Its answers are true, whatever stands in between.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.processes.command import API_KEY

ENDED = {"succeeded", "failed", "cancelled"}

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Speaks OpenAI's API to the provider itself; ``finish`` ends a job well, if looks at it do not."""

    http: httpx2.AsyncClient
    base_url: str
    finish: Callable[[str], object]

    async def job(self, job_id: str) -> Wire:
        """Return the job as the list has it: at some providers each retrieval moves a job on."""
        (found,) = [job for job in await self.jobs() if job["id"] == job_id]
        return found

    async def jobs(self) -> list[Wire]:
        """Return every job, the newest first."""
        return await self._list("fine_tuning/jobs")

    async def live_jobs(self) -> list[Wire]:
        """Return the jobs at a cost now."""
        return [job for job in await self.jobs() if job["status"] not in ENDED]

    async def log(self, job_id: str) -> list[str]:
        """Return the lines of the job's log, in order."""
        events = await self._list(f"fine_tuning/jobs/{job_id}/events")
        return [event["message"] for event in reversed(events)]

    async def _list(self, path: str) -> list[Wire]:
        response = await self.http.get(
            f"{self.base_url}/{path}", params={"limit": 100}, headers={"Authorization": f"Bearer {API_KEY}"}
        )
        answer = response.json()
        assert (response.status_code, answer.get("has_more")) == (200, False), answer
        return list(answer["data"])
