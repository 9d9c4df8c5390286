"""The provider's methods: the requests that it sends, and what it makes of the answers."""

from datetime import timedelta

import pytest

from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    FinetuningProvider,
    ForgedWebhookError,
    OutcomeUnknownError,
)
from graphql_api.providers.together import TogetherProvider
from graphql_api.providers.together.suffix import marked_suffix
from tests.providers.raw_server import RawServer, answer
from tests.providers.together.wire import FINETUNING, SPEC, SUFFIX, event, file, job, listing, provider_at

OTHERS = marked_suffix(finetuning_id="f" * 24, deployment_id="other")


def test_the_provider_satisfies_the_port() -> None:
    """The type checker holds the class to the protocol through this assignment."""
    port: type[FinetuningProvider] = TogetherProvider
    assert port is TogetherProvider


async def test_a_job_is_created_by_one_request_with_our_marks() -> None:
    """Neither limits nor a price are asked for before."""
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        created = await provider.create_job(SPEC)
    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/v1/fine-tunes")
    assert request.json == {
        "model": "meta-llama/Llama-3.1-8B",
        "training_file": "file-1",
        "suffix": SUFFIX,
        "n_epochs": 3,
        "batch_size": 1,
    }
    assert (created.id, created.metadata[DEPLOYMENT_KEY]) == ("ft-1", "d")


async def test_a_created_job_with_another_training_file_is_not_taken_for_ours() -> None:
    """A job that trains on another file is a stranger's."""
    stranger = answer(200, job(training_file="file-2"))
    async with RawServer(stranger).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError, match=r"with another training file$"):
            await provider.create_job(SPEC)


async def test_our_jobs_are_found_by_suffix_or_file_oldest_first() -> None:
    """Another finetuning's mark counts for more than the file."""
    unmarked = {"suffix": "", "model_output_name": "someone/m"}
    jobs = [
        job("by-suffix", training_file="", created_at="2024-07-23T20:00:02Z"),
        job("by-name", suffix=None, created_at="2024-07-23T20:00:01Z"),
        job("by-file", created_at="2024-07-23T20:00:00Z", **unmarked),
        job("theirs", suffix=OTHERS),
        job("by-no-file", training_file="file-2", **unmarked),
        job("by-suffix", training_file="", created_at="2024-07-23T20:00:02Z"),
    ]
    async with (
        RawServer(answer(200, listing(*jobs))).running() as server,
        provider_at(server.url) as provider,
    ):
        found = await provider.find_jobs(finetuning_id=FINETUNING, training_file_ids=["file-1"])
    assert [one.id for one in found] == ["by-file", "by-name", "by-suffix"]
    assert [(one.method, one.target) for one in server.requests] == [("GET", "/v1/fine-tunes")]


@pytest.mark.parametrize(
    "lie",
    [{}, {"data": None}, {"data": {}}, {"data": [{}]}, {"data": [7]}, [], b"", b"<html>", b'{"data": ['],
)
async def test_half_a_list_proves_nothing(lie: object) -> None:
    """An empty list proves absence, so anything else than a whole one is no answer."""
    async with RawServer(answer(200, lie)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.find_jobs(finetuning_id=FINETUNING)


async def test_an_empty_list_proves_absence() -> None:
    """The one answer has all jobs."""
    async with RawServer(answer(200, listing())).running() as server, provider_at(server.url) as provider:
        assert await provider.find_jobs(finetuning_id=FINETUNING) == []


@pytest.mark.parametrize(
    ("reach", "ids"),
    [
        (None, ["new", "old", "ancient-ours", "ancient-theirs"]),
        (timedelta(days=7), ["new", "old", "ancient-ours"]),
        (timedelta(days=1), ["new", "ancient-ours"]),
    ],
)
async def test_the_account_is_listed_newest_first(reach: timedelta | None, ids: list[str]) -> None:
    """Beyond the reach there are only this deployment's; an entry that is no job is left out."""
    jobs = [
        job("ancient-theirs", suffix=OTHERS, created_at="2024-01-01T00:00:00Z"),
        job("ancient-ours", created_at="2024-01-02T00:00:00Z"),
        job("new", suffix=OTHERS, created_at="2024-07-23T00:00:00Z"),
        job("old", suffix=OTHERS, created_at="2024-07-20T00:00:00Z"),
        job("senseless", status=None),
    ]
    async with (
        RawServer(answer(200, listing(*jobs))).running() as server,
        provider_at(server.url) as provider,
    ):
        found = [one async for one in provider.list_jobs(deployment_id="d", reach=reach)]
    assert [one.id for one in found] == ids
    ours = {one.id for one in found if one.metadata.get(DEPLOYMENT_KEY) == "d"}
    assert ours == {"ancient-ours"}


async def test_a_cancel_is_one_request_and_half_way() -> None:
    """The provider's word is passed on."""
    half = answer(200, job(status="cancel_requested"))
    async with RawServer(half).running() as server, provider_at(server.url) as provider:
        answered = await provider.cancel_job("ft-1")
    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/v1/fine-tunes/ft-1/cancel")
    assert (answered.status, answered.word) == ("stopping", "cancel_requested")


async def test_a_training_file_is_uploaded_in_one_request() -> None:
    """The content goes out unchanged, with its name and its purpose."""
    async with (
        RawServer(answer(200, file("file-9"))).running() as server,
        provider_at(server.url) as provider,
    ):
        uploaded = await provider.upload_training_file(b'{"messages": []}\n', filename="f1-ä.jsonl")
    [request] = server.requests
    assert (uploaded.id, request.method, request.target) == ("file-9", "POST", "/v1/files/upload")
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    for name, value in {"purpose": "fine-tune", "file_name": "f1-ä.jsonl", "file_type": "jsonl"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in request.body
    assert b'\r\n\r\n{"messages": []}\n\r\n' in request.body


async def test_training_files_are_found_by_their_prefix_newest_first() -> None:
    """Files for another purpose are left out."""
    files = listing(
        file("a", created_at=1),
        file("b", created_at=2),
        file("c", filename="f2-records.jsonl"),
        file("d", purpose="eval"),
    )
    async with RawServer(answer(200, files)).running() as server, provider_at(server.url) as provider:
        assert await provider.find_training_files(prefix="f1-") == ["b", "a"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"id": "file-1", "deleted": True}), (200, b""), (404, {"error": {"message": "no"}})],
)
async def test_a_deleted_file_is_gone(status: int, body: object) -> None:
    """A file that is not there any more needs no deleting."""
    async with RawServer(answer(status, body)).running() as server, provider_at(server.url) as provider:
        await provider.delete_training_file("file-1")
    assert [(one.method, one.target) for one in server.requests] == [("DELETE", "/v1/files/file-1")]


async def test_a_deletion_that_is_not_confirmed_is_an_unknown_outcome() -> None:
    """Only a confirmation counts."""
    kept = answer(200, {"id": "file-1", "deleted": False})
    async with RawServer(kept).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.delete_training_file("file-1")


@pytest.mark.parametrize(
    ("after", "told"), [(None, ["a", "b", "c"]), ("h2", ["c"]), ("gone", ["a", "b", "c"])]
)
async def test_the_log_comes_as_a_whole(after: str | None, told: list[str]) -> None:
    """There are no pages; behind a known line there are the later ones."""
    lines = listing(event(message="a", hash="h1"), event(message="b", hash="h2"), event(message="c"), None)
    async with RawServer(answer(200, lines)).running() as server, provider_at(server.url) as provider:
        page = await provider.list_job_events("ft-1", after=after)
    assert ([one.message for one in page.events], page.has_more) == (told, False)
    assert server.requests[0].target == "/v1/fine-tunes/ft-1/events"


async def test_of_a_log_without_an_end_the_newest_lines_come() -> None:
    """It has no pages, so it has a bound."""
    lines = listing(*({"message": str(number)} for number in range(10_001)))
    async with RawServer(answer(200, lines)).running() as server, provider_at(server.url) as provider:
        page = await provider.list_job_events("ft-1", after=None)
    assert [page.events[0].message, page.events[-1].message] == ["1", "10000"]


async def test_checkpoints_come_in_the_order_of_steps_each_once() -> None:
    """A model and its adapter at one step are one, unless each has an id of its own."""
    rows = listing(
        {"step": 20}, {"step": 10, "checkpoint": "model"}, {"step": 10, "checkpoint": "adapter"}, {}
    )
    async with RawServer(answer(200, rows)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_checkpoints("ft-1")
    assert [one.model_id for one in found] == ["ft-1:10", "ft-1:20"]
    assert server.requests[0].target == "/v1/fine-tunes/ft-1/checkpoints"


async def test_every_webhook_is_refused() -> None:
    """Together AI sends none, so each is somebody else's."""
    async with provider_at("http://127.0.0.1:1") as provider:
        with pytest.raises(ForgedWebhookError):
            provider.read_webhook(b"{}", {}, secret="whsec_x")


async def test_no_reason_has_a_part_of_the_key() -> None:
    """A provider may quote it in a log and in the report on a file."""
    key = "Zq7-pLm4_tRv9"
    quoted, hidden = f"the key {key[:9]} is revoked", "the key [hidden] is revoked"
    line = event(level="error", message=quoted)
    bodies = [
        job(status="error", events=[line]),
        listing(line),
        file(processing_status="FAILED", validation_report={"valid": False, "error": quoted}),
    ]
    told = list[str | None]()
    for body in bodies:
        async with (
            RawServer(answer(200, body)).running() as server,
            provider_at(server.url, key=key) as provider,
        ):
            if body is bodies[0]:
                told.append((await provider.retrieve_job("ft-1")).error)
            elif body is bodies[1]:
                told.append((await provider.list_job_events("ft-1", after=None)).events[0].message)
            else:
                told.append((await provider.retrieve_training_file("file-1")).reason)
    assert told == [hidden] * 3


@pytest.mark.parametrize("method", ["retrieve_job", "cancel_job"])
async def test_an_answer_about_another_job_is_an_unknown_outcome(method: str) -> None:
    """Another job's status says nothing about ours."""
    other = answer(200, job("ft-2", status="cancelled"))
    async with RawServer(other).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError, match=r"about another fine-tuning job$"):
            await getattr(provider, method)("ft-1")
