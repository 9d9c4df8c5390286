"""The provider port over Together AI's SDK."""

from collections.abc import AsyncIterator, Awaitable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from graphql_api.providers.answers import is_deletion, newest_named, read_list, read_object, read_page
from graphql_api.providers.circuit import Circuit
from graphql_api.providers.connections import connect_limit_s, key_of
from graphql_api.providers.exchange import Exchange, RawAnswer
from graphql_api.providers.marks import is_ours
from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    EventPage,
    ForgedWebhookError,
    JobSpec,
    OutcomeUnknownError,
    ProviderCheckpoint,
    ProviderHint,
    ProviderJob,
    RejectedError,
    TrainingFile,
    UnknownJobError,
)
from graphql_api.providers.together import answers
from graphql_api.providers.together.hyperparameters import submitted
from graphql_api.providers.together.suffix import marked_suffix, read_marks
from graphql_api.redaction import Redaction

_MOST_LINES = 10_000
"""Of a log, the newest: it comes as a whole."""


class TogetherProvider:
    """Together AI, behind one long-lived client.

    ``call_timeout_s`` limits each call as a whole, ``upload_timeout_s`` an upload, ``connect_timeout_s`` each
    wait for a connection. An empty ``base_url`` means Together AI itself: nothing is read from
    ``TOGETHER_*`` in the environment. A call held back by the ``circuit`` is a ``NotSentError``.

    A job carries our marks in its suffix, and a list has all jobs in one answer, so each search is complete.

    Raises ``CredentialsError`` for an unusable key, ``RejectedError`` for an unusable address or without the
    extra ``together``.
    """

    def __init__(
        self,
        api_key: SecretStr | str,
        base_url: str | None,
        *,
        call_timeout_s: float,
        upload_timeout_s: float,
        connect_timeout_s: float = 5.0,
        circuit: Circuit | None = None,
    ) -> None:
        try:
            from graphql_api.providers.together.sdk_client import FAILURES, Endpoint
        except ModuleNotFoundError as missing:
            raise RejectedError(
                "Together AI needs its SDK: install the package's extra 'together'"
            ) from missing
        key = key_of(api_key)
        self._call_timeout_s = call_timeout_s
        self._upload_timeout_s = upload_timeout_s
        connect_s = connect_limit_s(call_timeout_s, connect_timeout_s=connect_timeout_s)
        self._endpoint = Endpoint(key, base_url, total_s=call_timeout_s, connect_s=connect_s)
        self._hide = Redaction(key)
        self._exchange = Exchange(failures=FAILURES, hide=self._hide, circuit=circuit)

    async def upload_training_file(self, content: bytes, *, filename: str) -> TrainingFile:
        """Upload chat JSONL and return the file in its current state."""
        within_s = self._upload_timeout_s
        call = self._endpoint.upload(content, filename=filename, within_s=within_s)
        return self._file(await self._exchange.body_of(call, within_s=within_s, may_try=False))

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Return the file as it is now."""
        return self._file(await self._body_of(self._endpoint.file(file_id)))

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Return the ids of the training files with a name that starts with ``prefix``, newest first."""
        items = read_page(await self._body_of(self._endpoint.files())).items
        return newest_named(map(answers.read_file, items), prefix=prefix)

    async def delete_training_file(self, file_id: str) -> None:
        """Remove an uploaded file; a missing file is no fault."""
        try:
            body = await self._body_of(self._endpoint.delete_file(file_id))
        except UnknownJobError:
            return
        if not is_deletion(body):
            raise OutcomeUnknownError("The provider did not confirm the deletion of the file")

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Ask once for a new job with our marks in its suffix; there is no room for another one."""
        if spec.suffix is not None or spec.seed is not None:
            raise RejectedError("Together AI takes no suffix beside our marks, and no seed")
        body = {
            "model": spec.model,
            "training_file": spec.training_file_id,
            "suffix": marked_suffix(finetuning_id=spec.finetuning_id, deployment_id=spec.deployment_id),
            **submitted(spec),
        }
        answer = read_object(await self._body_of(self._endpoint.create_job(body)))
        job = self._job(answer, deployment_id=spec.deployment_id)
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
        """Return all our jobs by suffix or training file, oldest first."""
        found = [
            self._job(item)
            for item in await self._listed()
            if is_ours(
                read_marks(item),
                item.get("training_file"),
                finetuning_id=finetuning_id,
                training_file_ids=training_file_ids,
            )
        ]
        return sorted(found, key=lambda job: job.created_at)

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the job as it is now."""
        body = await self._body_of(self._endpoint.job(job_id))
        return self._job(read_object(body), expected_id=job_id)

    async def list_jobs(
        self, *, deployment_id: str = "", reach: timedelta | None = None
    ) -> AsyncIterator[ProviderJob]:
        """Yield each job of the account once, newest first; an unusable entry is left out."""
        jobs = list[ProviderJob]()
        for item in await self._listed():
            try:
                jobs.append(self._job(item, deployment_id=deployment_id))
            except OutcomeUnknownError:
                continue
        jobs.sort(key=lambda job: job.created_at, reverse=True)
        for job in jobs:
            is_recent = reach is None or job.created_at >= jobs[0].created_at - reach
            if is_recent or job.metadata.get(DEPLOYMENT_KEY) == deployment_id:
                yield job

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Ask once to cancel the job and return the provider's answer."""
        body = await self._body_of(self._endpoint.cancel_job(job_id))
        return self._job(read_object(body), expected_id=job_id)

    async def list_job_events(self, job_id: str, *, after: str | None) -> EventPage:
        """Return the job's log after the line with this id, or the whole log if there is none."""
        items, _ = read_list(await self._body_of(self._endpoint.events(job_id)))
        read = [answers.read_event(item) for item in items[-_MOST_LINES:] if isinstance(item, dict)]
        start = next((place + 1 for place, event in enumerate(read) if after and event.id == after), 0)
        events = [replace(event, message=self._hide(event.message)) for event in read[start:]]
        return EventPage(events=events, has_more=False)

    async def list_checkpoints(self, job_id: str) -> list[ProviderCheckpoint]:
        """Return the checkpoints kept by the provider for the job, in the order of steps."""
        items, _ = read_list(await self._body_of(self._endpoint.checkpoints(job_id)))
        found = [answers.read_checkpoint(item, job_id=job_id) for item in items if isinstance(item, dict)]
        distinct = {checkpoint.id: checkpoint for checkpoint in found if checkpoint}
        return sorted(distinct.values(), key=lambda checkpoint: checkpoint.step_number)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderHint:
        """Refuse every webhook: Together AI sends none."""
        raise ForgedWebhookError("Together AI sends no webhooks")

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    async def _listed(self) -> list[dict[str, Any]]:
        """Return every job of the account, each once."""
        items = read_page(await self._body_of(self._endpoint.jobs())).items
        return list({item["id"]: item for item in items}.values())

    def _job(
        self, item: dict[str, Any], *, expected_id: str | None = None, deployment_id: str = ""
    ) -> ProviderJob:
        """Return the job without the key in its reason."""
        job = answers.read_job(item, expected_id=expected_id, deployment_id=deployment_id)
        return replace(job, error=job.error and self._hide(job.error))

    def _file(self, body: bytes) -> TrainingFile:
        """Return the file without the key in its reason."""
        file = answers.read_file(read_object(body)).file
        return replace(file, reason=file.reason and self._hide(file.reason))

    async def _body_of(self, call: Awaitable[RawAnswer]) -> bytes:
        return await self._exchange.body_of(call, within_s=self._call_timeout_s)
