"""Together AI's SDK: one long-lived client from explicit values, and its calls.

It is imported with the first provider only, because the SDK is an extra.
"""

import logging
from collections.abc import Awaitable
from io import BytesIO
from typing import Any, Protocol

import httpx
from together import APIStatusError, AsyncTogether, DefaultAsyncHttpxClient, TogetherError

from graphql_api.providers.connections import (
    IDLE_CONNECTION_S,
    LOOPBACK,
    MOST_CONNECTIONS,
    MOST_IDLE_CONNECTIONS,
    trusted_certificates,
    url_of,
)
from graphql_api.providers.exchange import follow_request
from graphql_api.providers.failures import Failures, Refusal

TOGETHER_URL = "https://api.together.ai"

_CONNECTION_LIMITS = httpx.Limits(
    max_connections=MOST_CONNECTIONS,
    max_keepalive_connections=MOST_IDLE_CONNECTIONS,
    keepalive_expiry=IDLE_CONNECTION_S,
)


def _refusal(error: Exception) -> Refusal | None:
    if not isinstance(error, APIStatusError):
        return None
    body = error.body.get("error", error.body) if isinstance(error.body, dict) else error.body
    return Refusal(status=error.status_code, body=body, headers=error.response.headers)


FAILURES = Failures(
    of_call=(TogetherError, httpx.HTTPError, httpx.InvalidURL, ValueError),
    refusal=_refusal,
    unsendable=(httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL),
    timeout=httpx.TimeoutException,
    no_free_connection=httpx.PoolTimeout,
)


class Endpoint:
    """The calls to Together AI; each method sends one request and returns its whole answer.

    The environment's proxies and certificates (``HTTPS_PROXY``, ``SSL_CERT_FILE``) are used, and nothing of
    ``TOGETHER_*``. Raises ``RejectedError`` for an unusable address.
    """

    def __init__(self, key: str, base_url: str | None, *, total_s: float, connect_s: float) -> None:
        self._connect_s = connect_s
        self._client = _open_client(key, base_url, waits=self._waits(total_s))
        self._jobs = self._client.fine_tuning.with_raw_response
        self._files = self._client.files.with_raw_response

    async def upload(self, content: bytes, *, filename: str, within_s: float) -> httpx.Response:
        """Upload a training file; the SDK's own method needs a path and sends three requests."""
        return await self._client.post(
            "/v1/files/upload",
            # A stream is sent in pieces. Bytes would be copied as a whole, and again by TLS.
            files={"file": (filename, BytesIO(content))},
            body={"purpose": "fine-tune", "file_name": filename, "file_type": "jsonl"},
            options={"headers": {"Content-Type": "multipart/form-data"}, "timeout": self._waits(within_s)},
            cast_to=httpx.Response,
        )

    async def create_job(self, body: dict[str, Any]) -> httpx.Response:
        """Ask for a job; the SDK's own method asks for limits and a price before."""
        return await self._client.post("/v1/fine-tunes", body=body, cast_to=httpx.Response)

    async def job(self, job_id: str) -> httpx.Response:
        """Return one job."""
        return await _answer_to(self._jobs.retrieve(job_id))

    async def jobs(self) -> httpx.Response:
        """Return all jobs."""
        return await _answer_to(self._jobs.list())

    async def cancel_job(self, job_id: str) -> httpx.Response:
        """Ask for a job's cancel."""
        return await _answer_to(self._jobs.cancel(job_id))

    async def events(self, job_id: str) -> httpx.Response:
        """Return a job's log."""
        return await _answer_to(self._jobs.list_events(job_id))

    async def checkpoints(self, job_id: str) -> httpx.Response:
        """Return a job's checkpoints."""
        return await _answer_to(self._jobs.list_checkpoints(job_id))

    async def file(self, file_id: str) -> httpx.Response:
        """Return one file."""
        return await _answer_to(self._files.retrieve(file_id))

    async def files(self) -> httpx.Response:
        """Return all files."""
        return await _answer_to(self._files.list())

    async def delete_file(self, file_id: str) -> httpx.Response:
        """Remove a file."""
        return await _answer_to(self._files.delete(file_id))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _waits(self, total_s: float) -> httpx.Timeout:
        return httpx.Timeout(total_s, connect=self._connect_s, pool=self._connect_s)


class _Received(Protocol):
    @property
    def http_response(self) -> httpx.Response: ...


async def _answer_to(call: Awaitable[_Received]) -> httpx.Response:
    return (await call).http_response


def _open_client(key: str, base_url: str | None, *, waits: httpx.Timeout) -> AsyncTogether:
    """Return a client without retries, redirects or values from ``TOGETHER_*``."""
    http_client = DefaultAsyncHttpxClient(
        verify=trusted_certificates(),
        timeout=waits,
        limits=_CONNECTION_LIMITS,
        follow_redirects=False,
        mounts=dict.fromkeys(LOOPBACK),
        event_hooks={"request": [follow_request]},
    )
    client = AsyncTogether(
        api_key=key,
        # The SDK adds /v1 itself, but the address is often given with it.
        base_url=str(url_of(base_url, default=TOGETHER_URL)).rstrip("/").removesuffix("/v1"),
        timeout=waits,
        max_retries=0,
        http_client=http_client,
    )
    client.project_id = None
    client._custom_headers = {}  # noqa: SLF001 - TOGETHER_CUSTOM_HEADERS has no public way out
    for noisy in ("together", "httpx"):  # by TOGETHER_LOG, at the SDK's import
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return client
