"""Sends the webhooks of ended jobs, signed as Standard Webhooks."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections import Counter
from dataclasses import dataclass, field

import httpx2

from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.jobs import Job

MAX_ATTEMPTS = 5
PASS_INTERVAL_S = 1.0
TIMEOUT_S = 5.0

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class WebhookSender:
    """Posts ``fine_tuning.job.succeeded|failed|cancelled`` to ``url``, signed with ``secret``.

    A receiver checks the timestamp against its own clock, so an account's manual clock must stay near it.
    """

    account: Account
    url: str
    secret: str = field(repr=False)
    attempts: Counter[str] = field(default_factory=Counter)

    async def deliver_due(self) -> int:
        """Announce every ended job not announced yet; return the number of accepted deliveries."""
        due = [job for job in self.account.jobs() if self._is_due(job)]
        if not due:
            return 0
        async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            return sum([await self._announce(job, client=client) for job in due])

    async def run(self) -> None:
        """Deliver due webhooks repeatedly; ends by cancellation."""
        while True:
            try:
                await self.deliver_due()
            except Exception:  # one failed pass must not end the loop
                logger.exception("a pass over the webhooks failed")
            await asyncio.sleep(PASS_INTERVAL_S)

    def _is_due(self, job: Job) -> bool:
        return job.status.is_terminal and not job.is_announced and self.attempts[job.id] < MAX_ATTEMPTS

    async def _announce(self, job: Job, *, client: httpx2.AsyncClient) -> bool:
        self.attempts[job.id] += 1
        event_id, body = f"evt_{job.id}", _event(job)
        timestamp = str(int(self.account.clock.now()))
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(f"{event_id}.{timestamp}.{body}", secret=self.secret),
        }
        try:
            response = await client.post(self.url, content=body, headers=headers)
        except httpx2.HTTPError:
            return False
        job.is_announced = response.is_success
        return job.is_announced


def sign(content: str, *, secret: str) -> str:
    """Return the ``webhook-signature`` of ``id.timestamp.body``; a ``whsec_`` secret is base64 after it."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, content.encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _event(job: Job) -> str:
    return json.dumps(
        {
            "id": f"evt_{job.id}",
            "object": "event",
            "created_at": int(job.history[-1].at),
            "type": f"fine_tuning.job.{job.status}",
            "data": {"id": job.id},
        }
    )
