"""The provider port over the OpenAI SDK."""

from collections.abc import AsyncIterator, Awaitable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from heapq import nlargest
from io import BytesIO
from typing import Any

import httpx2
from openai import Omit, omit
from pydantic import SecretStr

from graphql_api.providers.answers import is_deletion, newest_named, read_object, read_page
from graphql_api.providers.circuit import Circuit
from graphql_api.providers.connections import connect_limit_s, key_of
from graphql_api.providers.exchange import Exchange, RawAnswer
from graphql_api.providers.openai import answers
from graphql_api.providers.openai.events import read_event_page
from graphql_api.providers.openai.job_request import longest_suffix, model_suffix, training_method
from graphql_api.providers.openai.pages import walk
from graphql_api.providers.openai.sdk_client import FAILURES, NOTHING_ELSE, Sent, open_client
from graphql_api.providers.openai.searches import JobSearch, is_ours
from graphql_api.providers.openai.webhooks import read_webhook
from graphql_api.providers.outbound.guard import OutboundGuard
from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    FINETUNING_ID_KEY,
    EventPage,
    JobSpec,
    OutcomeUnknownError,
    ProviderCheckpoint,
    ProviderHint,
    ProviderJob,
    TrainingFile,
    UnknownJobError,
)
from graphql_api.redaction import Redaction

_JOBS_PER_PAGE = 100
_FILES_PER_PAGE = 1000
_EVENTS_PER_PAGE = 100
_CHECKPOINTS_PER_PAGE = 100


class OpenAIProvider:
    """OpenAI, or any compatible endpoint, behind one long-lived client.

    ``call_timeout_s`` limits each call as a whole, including a search through many pages, and each page
    of ``list_jobs``. ``upload_timeout_s`` limits an upload, ``connect_timeout_s`` each wait for a connection.
    ``sent`` is told in each request beside the key.
    An empty ``base_url`` means OpenAI itself: nothing is read from ``OPENAI_*`` in the environment.
    A ``guard`` rules where each connection may lead, if the operator did not choose the ``base_url``; what it
    refuses is a ``NotSentError``. So is a call held back by the ``circuit``.

    Raises ``CredentialsError`` for an unusable key, ``RejectedError`` for an unusable address.
    """

    def __init__(
        self,
        api_key: SecretStr | str,
        base_url: str | None,
        *,
        call_timeout_s: float,
        upload_timeout_s: float,
        connect_timeout_s: float = 5.0,
        sent: Sent = NOTHING_ELSE,
        guard: OutboundGuard | None = None,
        circuit: Circuit | None = None,
    ) -> None:
        self._call_timeout_s = call_timeout_s
        self._upload_timeout_s = upload_timeout_s
        self._upload_waits = _waits(upload_timeout_s, connect_timeout_s=connect_timeout_s)
        waits = _waits(call_timeout_s, connect_timeout_s=connect_timeout_s)
        self._client = open_client(key_of(api_key), base_url, waits=waits, sent=sent, guard=guard)
        self._longest_suffix = longest_suffix(self._client.base_url.host)
        self._jobs = self._client.fine_tuning.jobs.with_raw_response
        self._files = self._client.files.with_raw_response
        self._hide = Redaction(self._client.api_key, *sent.headers.values())
        self._exchange = Exchange(failures=FAILURES, hide=self._hide, circuit=circuit)

    async def upload_training_file(self, content: bytes, *, filename: str) -> TrainingFile:
        """Upload chat JSONL and return the file in its current state."""
        # A stream is sent in pieces. Bytes would be copied as a whole, and again by TLS.
        file = filename, BytesIO(content)
        call = self._files.create(file=file, purpose="fine-tune", timeout=self._upload_waits)
        body = await self._exchange.body_of(call, within_s=self._upload_timeout_s, may_try=False)
        return self._file(body)

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Return the file as it is now."""
        body = await self._body_of(self._files.retrieve(file_id))
        return self._file(body)

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Return the ids of the training files with a name that starts with ``prefix``, newest first."""
        async with self._exchange.one_limit(self._call_timeout_s):
            files = [answers.read_file(item) async for item in walk(self._file_page)]
        return newest_named(files, prefix=prefix)

    async def delete_training_file(self, file_id: str) -> None:
        """Remove an uploaded file; a missing file is no fault."""
        try:
            body = await self._body_of(self._files.delete(file_id))
        except UnknownJobError:
            return
        if not is_deletion(body):
            raise OutcomeUnknownError("The provider did not confirm the deletion of the file")

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Ask once for a new job with our id in its metadata.

        If the endpoint refuses the metadata, the job is refused: without it no lost job could be found again.
        """
        call = self._jobs.create(
            model=spec.model,
            training_file=spec.training_file_id,
            method=training_method(spec),
            suffix=spec.suffix or model_suffix(spec.alias, longest=self._longest_suffix) or omit,
            seed=omit if spec.seed is None else spec.seed,
            metadata={FINETUNING_ID_KEY: spec.finetuning_id, DEPLOYMENT_KEY: spec.deployment_id},
        )
        job = self._job(read_object(await self._body_of(call)))
        if job.training_file_id not in ("", spec.training_file_id):
            raise OutcomeUnknownError("The provider answered about a job with another training file")
        return job

    async def find_jobs(
        self,
        *,
        finetuning_id: str,
        training_file_ids: Collection[str] = (),
        made_after: datetime | None = None,
    ) -> list[ProviderJob]:
        """Return all our jobs by metadata or training file, oldest first."""
        ours = partial(is_ours, finetuning_id=finetuning_id, training_file_ids=training_file_ids)
        mark = {FINETUNING_ID_KEY: finetuning_id}
        async with self._exchange.one_limit(self._call_timeout_s):
            search = JobSearch(self._job_page, mark=mark, made_after=made_after)
            items = await search.marked_or_matching(ours)
        jobs = [self._job(item) for item in reversed(items)]
        return sorted(jobs, key=lambda job: job.created_at)

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the job as it is now."""
        body = await self._body_of(self._jobs.retrieve(job_id))
        return self._job(read_object(body), expected_id=job_id)

    async def list_jobs(
        self, *, deployment_id: str = "", reach: timedelta | None = None
    ) -> AsyncIterator[ProviderJob]:
        """Yield the readable jobs, newest first."""
        mark = {DEPLOYMENT_KEY: deployment_id}
        search = JobSearch(self._job_page, mark=mark, reach=reach)
        async for item in search.recent_and_marked():
            try:
                job = self._job(item)
            except OutcomeUnknownError:
                continue
            yield job

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Ask once to cancel the job and return the provider's answer."""
        body = await self._body_of(self._jobs.cancel(job_id))
        return self._job(read_object(body), expected_id=job_id)

    async def list_job_events(self, job_id: str, *, after: str | None) -> EventPage:
        """Return the page of the job's log after the line with this id, or the first page."""
        call = self._jobs.list_events(job_id, after=after or omit, limit=_EVENTS_PER_PAGE)
        page = read_event_page(await self._body_of(call), most=_EVENTS_PER_PAGE)
        events = [replace(event, message=self._hide(event.message)) for event in page.events]
        return replace(page, events=events)

    async def list_checkpoints(self, job_id: str) -> list[ProviderCheckpoint]:
        """Return the newest checkpoints kept by the provider for the job, in the order of steps."""
        body = await self._body_of(self._jobs.checkpoints.list(job_id, limit=_CHECKPOINTS_PER_PAGE))
        # An endpoint may send more than it was asked for.
        newest = nlargest(_CHECKPOINTS_PER_PAGE, read_page(body).items, key=answers.step_of)
        found = [answers.read_checkpoint(item) for item in newest]
        return sorted(filter(None, found), key=lambda checkpoint: checkpoint.step_number)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderHint:
        """Return the content of a webhook; raises ``ForgedWebhookError`` for a wrong signature."""
        return read_webhook(self._client, body, headers, secret=secret)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _job(self, item: dict[str, Any], *, expected_id: str | None = None) -> ProviderJob:
        """Return the job without the key in its reason."""
        job = answers.read_job(item, expected_id=expected_id)
        return replace(job, error=job.error and self._hide(job.error))

    def _file(self, body: bytes) -> TrainingFile:
        """Return the file without the key in its reason."""
        file = answers.read_file(read_object(body)).file
        return replace(file, reason=file.reason and self._hide(file.reason))

    async def _job_page(self, after: str | None, *, metadata: dict[str, str] | Omit = omit) -> bytes:
        call = self._jobs.list(after=after or omit, limit=_JOBS_PER_PAGE, metadata=metadata)
        return await self._body_of(call)

    async def _file_page(self, after: str | None) -> bytes:
        call = self._files.list(after=after or omit, limit=_FILES_PER_PAGE, order="desc", purpose="fine-tune")
        return await self._body_of(call)

    async def _body_of(self, call: Awaitable[RawAnswer]) -> bytes:
        return await self._exchange.body_of(call, within_s=self._call_timeout_s)


def _waits(total_s: float, *, connect_timeout_s: float) -> httpx2.Timeout:
    connect_s = connect_limit_s(total_s, connect_timeout_s=connect_timeout_s)
    return httpx2.Timeout(total_s, connect=connect_s, pool=connect_s)
