"""The provider's methods.

The server's answers are correct, or lies.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import (
    FinetuningProvider,
    JobParameters,
    JobStatus,
    MalformedAnswerError,
    OutcomeUnknownError,
    ProviderFault,
    ProviderJob,
)
from tests.providers.openai.wire import SPEC, file, job, provider_at
from tests.providers.raw_server import RawServer, answer

QUEUED = ProviderJob(
    id="ftjob-1",
    status=JobStatus.QUEUED,
    word="queued",
    model="gpt-4o-mini-2024-07-18",
    training_file_id="file-1",
    created_at=datetime(2024, 7, 23, 20, 0, tzinfo=UTC),
    parameters=JobParameters(n_epochs=3, batch_size=1, learning_rate_multiplier="auto"),
    metadata={"finetuning_id": "f1"},
)


def test_the_provider_satisfies_the_port() -> None:
    """The type checker holds the class to the protocol through this assignment."""
    port: type[FinetuningProvider] = OpenAIProvider
    assert port is OpenAIProvider


async def test_a_job_is_created_with_our_id_in_its_metadata() -> None:
    """One POST carries the file, the supervised method, the suffix and our id, and nothing deprecated."""
    async with (
        RawServer(answer(200, job())).running() as server,
        provider_at(server.url) as provider,
    ):
        created = await provider.create_job(SPEC)
    [request] = server.requests
    assert created == QUEUED
    assert (request.method, request.target) == ("POST", "/v1/fine_tuning/jobs")
    assert request.json == {
        "model": "gpt-4o-mini-2024-07-18",
        "training_file": "file-1",
        "suffix": "orders",
        "metadata": {"finetuning_id": "f1", "finetuning_deployment": "d"},
        "method": {
            "type": "supervised",
            "supervised": {
                "hyperparameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": "auto"}
            },
        },
    }


async def test_a_finished_job_is_read_whole() -> None:
    """Model, tokens and times of a succeeded job arrive."""
    done = job(
        status="succeeded",
        fine_tuned_model="ft:gpt-4o-mini:org:orders:1",
        trained_tokens=5768,
        finished_at=1_721_765_000,
        estimated_finish=1_721_764_999,
    )
    async with RawServer(answer(200, done)).running() as server, provider_at(server.url) as provider:
        found = await provider.retrieve_job("ftjob-1")
    assert server.requests[0].target == "/v1/fine_tuning/jobs/ftjob-1"
    assert (found.status, found.model_id, found.trained_tokens, found.error) == (
        "succeeded",
        "ft:gpt-4o-mini:org:orders:1",
        5768,
        None,
    )
    assert found.finished_at == datetime(2024, 7, 23, 20, 3, 20, tzinfo=UTC)
    assert found.estimated_finish_at == datetime(2024, 7, 23, 20, 3, 19, tzinfo=UTC)


@pytest.mark.parametrize("status", ["cancelled", "running", "pausing", "paused", "resting"])
async def test_a_cancel_returns_the_providers_own_word(status: str) -> None:
    """A cancel is one POST without a body; any returned status passes through."""
    async with (
        RawServer(answer(200, job(status=status))).running() as server,
        provider_at(server.url) as provider,
    ):
        answered = await provider.cancel_job("ftjob-1")
    [request] = server.requests
    assert answered.word == status
    assert (request.method, request.target, request.body) == (
        "POST",
        "/v1/fine_tuning/jobs/ftjob-1/cancel",
        b"",
    )


LIES: dict[str, object] = {
    "an empty object": {},
    "an empty list": [],
    "null": b"null",
    "a number": 7,
    "nothing": b"",
    "HTML": b"<!doctype html><title>Sign in</title>",
    "half a JSON": json.dumps(job()).encode()[:-20],
    "bytes that are no text": b'{"id": "\xff\xfe"}',
    "a bottomless list": b"[" * 100_000,
    "an endless number": b'{"id": ' + b"9" * 10_000 + b"}",
    "no status": {**job(), "status": None},
    "an empty status": job(status=""),
    "a status that is a number": job(status=7),
    "a status of a megabyte": job(status="x" * 2**20),
    "no id": job(""),
    "an id that is a number": {**job(), "id": 7},
    "an id that no text can hold": job("ftjob-\ud800"),
    "another object": {**job(), "object": "file"},
    "an object that is a list": {**job(), "object": []},
}
JOB_CALLS: dict[str, Callable[[OpenAIProvider], Awaitable[object]]] = {
    "create": lambda provider: provider.create_job(SPEC),
    "cancel": lambda provider: provider.cancel_job("ftjob-1"),
    "retrieve": lambda provider: provider.retrieve_job("ftjob-1"),
}


@pytest.mark.parametrize("call", JOB_CALLS.values(), ids=JOB_CALLS)
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_200_that_is_not_a_job_is_an_unknown_outcome(
    lie: object, call: Callable[[OpenAIProvider], Awaitable[object]]
) -> None:
    """A 200 alone proves nothing, and the call is not repeated to find out."""
    async with RawServer(answer(200, lie)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderFault) as caught:
            await call(provider)
    assert type(caught.value) is MalformedAnswerError
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["cancel", "retrieve"])
async def test_an_answer_about_another_job_is_an_unknown_outcome(name: str) -> None:
    """Another job's status says nothing about ours."""
    async with (
        RawServer(answer(200, job("ftjob-2", status="cancelled"))).running() as server,
        provider_at(server.url) as provider,
    ):
        with pytest.raises(
            OutcomeUnknownError, match=r"^The provider answered about another fine-tuning job$"
        ):
            await JOB_CALLS[name](provider)


async def test_a_created_job_with_another_training_file_is_not_taken_for_ours() -> None:
    """A job that trains on another file is a stranger's."""
    async with (
        RawServer(answer(200, job(training_file="file-2"))).running() as server,
        provider_at(server.url) as provider,
    ):
        with pytest.raises(OutcomeUnknownError, match=r"with another training file$"):
            await provider.create_job(SPEC)


async def test_a_training_file_is_uploaded_under_its_name() -> None:
    """The content goes out unchanged in one multipart POST."""
    async with (
        RawServer(answer(200, file("file-9"))).running() as server,
        provider_at(server.url) as provider,
    ):
        uploaded = await provider.upload_training_file(b'{"messages": []}\n', filename="f1-ä.jsonl")
    [request] = server.requests
    assert (uploaded.id, request.method, request.target) == ("file-9", "POST", "/v1/files")
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="purpose"\r\n\r\nfine-tune\r\n' in request.body
    assert 'name="file"; filename="f1-ä.jsonl"'.encode() in request.body
    assert b'\r\n\r\n{"messages": []}\n\r\n' in request.body


@pytest.mark.parametrize("lie", [{}, [], b"null", b"<html>", file(""), file(object="model")])
async def test_a_200_that_is_not_a_file_is_an_unknown_outcome(lie: object) -> None:
    """An upload without a usable file id may or may not have happened."""
    async with RawServer(answer(200, lie)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.upload_training_file(b"{}\n", filename="f1.jsonl")
    assert len(server.requests) == 1


async def test_an_upload_has_its_own_time_limit() -> None:
    """A large file may take longer than a call."""

    async def slowly(request: object, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        await answer(200, file())(request, writer)  # type: ignore[arg-type]  # the request is not looked at

    async with (
        RawServer(slowly).running() as server,
        provider_at(server.url, call_timeout_s=0.3, upload_timeout_s=10.0) as provider,
    ):
        assert (await provider.upload_training_file(b"{}\n", filename="f1.jsonl")).id == "file-1"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"object": "file", "id": "file-1", "deleted": True}),
        (200, b""),
        (204, b""),
        (404, {"error": {"message": "No such File object: file-1"}}),
    ],
    ids=["deleted", "empty", "204", "already gone"],
)
async def test_a_deleted_file_is_gone_however_the_provider_says_it(status: int, body: object) -> None:
    """A file that is not there any more needs no deleting."""
    async with RawServer(answer(status, body)).running() as server, provider_at(server.url) as provider:
        await provider.delete_training_file("file-1")
    assert [(request.method, request.target) for request in server.requests] == [
        ("DELETE", "/v1/files/file-1")
    ]


@pytest.mark.parametrize("body", [{"deleted": False}, {}, [], b"<html>"])
async def test_a_deletion_that_is_not_confirmed_is_an_unknown_outcome(body: object) -> None:
    """Only a confirmation counts."""
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.delete_training_file("file-1")
