"""The provider's webhooks over HTTP.

A signed one makes a finetuning due; any other does nothing.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from graphql_api.composition.server import serving
from graphql_api.composition.settings import Settings
from graphql_api.documents import FinetuningStatus, WebhookDelivery
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.http.webhooks import LARGEST_WEBHOOK_BYTES
from graphql_api.sandbox.openai import WebhookSender
from graphql_api.sandbox.openai.training import Durations
from graphql_api.store.database import connect, initialise
from tests.http.conftest import resources_of
from tests.providers.openai.test_webhooks import (
    OTHER_SECRET,
    SECRET,
    UNREADABLE,
    headers_of,
    headers_of_bytes,
)
from tests.stages import raw
from tests.world import World, open_world

PATH = "/webhooks/openai"
MONGODB_TIMEOUT_S = 2.0


@asynccontextmanager
async def receiver_of(world: World, *, secret: str | None = SECRET) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve the world with this webhook secret and yield a client of that server."""
    given = {} if secret is None else {"openai_webhook_secret": secret}
    settings = Settings(port=0, worker="off", **given)  # type: ignore[arg-type]  # pydantic hides the text
    async with (
        serving(settings, resources_of(world)) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
    ):
        yield http


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of a server that takes webhooks; the provider's clock shows the real time."""
    world.provider_clock.advance(time.time() - world.provider_clock.now())
    world.sandbox.account.durations = Durations(running_s=100)
    async with receiver_of(world) as http:
        yield http


def event(job_id: str | None, *, kind: str = "succeeded") -> bytes:
    """Return the body of a delivery about this job."""
    return json.dumps({"type": f"fine_tuning.job.{kind}", "data": {"id": job_id}}).encode()


async def deliver(
    http: httpx2.AsyncClient, body: bytes, headers: dict[str, str] | None = None
) -> httpx2.Response:
    """Send the body, rightly signed if no other headers are given."""
    given = headers_of(body) if headers is None else headers
    encoded = {name.encode(): value.encode("latin-1") for name, value in given.items()}
    return await http.post(PATH, content=body, headers=encoded)


def assert_refused(response: httpx2.Response, status: int, code: str) -> None:
    """Assert that the answer is a problem with this code."""
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_webhook_makes_the_finetuning_due_and_nothing_else(
    world: World, receiver: httpx2.AsyncClient
) -> None:
    """It is only a hint: the status changes when the worker has looked for itself."""
    training = await world.created_and_training()
    before, calls = await raw(world, training), len(world.sandbox.calls.find())
    world.provider_clock.advance(100)
    assert await world.work() == 0
    url = f"{receiver.base_url}{PATH}"
    sender = WebhookSender(account=world.sandbox.account, url=url, secret=SECRET)
    assert await sender.deliver_due() == 1

    now = world.clock.now()
    assert await raw(world, training) == before | {"due_at": now, "hinted_at": now}
    assert len(world.sandbox.calls.find()) == calls
    assert (before["status"], await world.work()) == ("running", 1)
    assert (await world.read(training)).status is FinetuningStatus.SUCCEEDED


async def test_what_a_webhook_says_of_a_status_is_not_believed(
    world: World, receiver: httpx2.AsyncClient
) -> None:
    """A running job goes on here, whatever ending was announced."""
    training = await world.created_and_training()
    response = await deliver(receiver, event(training.finetuning_job_id, kind="cancelled"))
    assert (response.status_code, response.content, await world.work()) == (204, b"", 1)
    after = await world.read(training)
    assert (after.status, after.cancellation, len(world.live_jobs())) == (FinetuningStatus.RUNNING, None, 1)


FORGERIES: dict[str, Callable[[bytes], tuple[bytes, dict[str, str]]]] = {
    "forged": lambda body: (body, headers_of(body, secret=OTHER_SECRET)),
    "unsigned": lambda body: (body, {}),
    "without_id": lambda body: (body, _without(headers_of(body), "webhook-id")),
    "without_timestamp": lambda body: (body, _without(headers_of(body), "webhook-timestamp")),
    "without_signature": lambda body: (body, _without(headers_of(body), "webhook-signature")),
    "old": lambda body: (body, headers_of(body, age_s=600)),
    "not_ascii": lambda body: (body, headers_of(body, signature="v1,é")),
    "not_utf8": lambda body: (body + b"\xff", headers_of(body)),
    "altered": lambda body: (body + b" ", headers_of(body)),
}


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


async def test_a_forged_webhook_is_refused_and_changes_nothing(
    world: World, receiver: httpx2.AsyncClient
) -> None:
    """401 with a code, for each way of not being signed; no hint and no memory of the delivery."""
    training = await world.created_and_training()
    before = await raw(world, training)
    for name, forge in FORGERIES.items():
        body, headers = forge(event(training.finetuning_job_id))
        response = await deliver(receiver, body, headers)
        assert_refused(response, 401, "UNAUTHENTICATED")
        assert SECRET not in response.text, name
    assert await raw(world, training) == before
    assert await WebhookDelivery.find_all().count() == 0
    assert await world.work() == 0


def _chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024 + 1):
        yield b" " * 1024


async def test_an_oversized_webhook_is_refused(world: World, receiver: httpx2.AsyncClient) -> None:
    """413 with a code, whether its length was told or not, and whether it is signed or not."""
    training = await world.created_and_training()
    before = await raw(world, training)
    body = event(training.finetuning_job_id).ljust(LARGEST_WEBHOOK_BYTES + 1)
    assert_refused(await deliver(receiver, body), 413, "CONTENT_TOO_LARGE")
    assert_refused(await deliver(receiver, body.ljust(2_000_000)), 413, "CONTENT_TOO_LARGE")

    async def chunked() -> AsyncIterator[bytes]:
        for chunk in _chunks(1_000_000):
            yield chunk

    assert_refused(await receiver.post(PATH, content=chunked()), 413, "CONTENT_TOO_LARGE")
    assert await raw(world, training) == before
    largest = body[:LARGEST_WEBHOOK_BYTES]
    assert (await deliver(receiver, largest)).status_code == 204


@pytest.mark.parametrize(
    ("secret", "status", "code"), [(None, 404, "NOT_FOUND"), ("", 401, "UNAUTHENTICATED")]
)
async def test_without_a_secret_nothing_is_taken(
    world: World, secret: str | None, status: int, code: str
) -> None:
    """Without a setting the endpoint does not exist; with an empty one everything is forged."""
    async with receiver_of(world, secret=secret) as http:
        body = event("ftjob-1")
        for signed_with in (SECRET, ""):
            response = await deliver(http, body, headers_of(body, secret=signed_with))
            assert_refused(response, status, code)
    assert await WebhookDelivery.find_all().count() == 0


async def test_a_replay_is_accepted_without_a_second_hint(world: World, receiver: httpx2.AsyncClient) -> None:
    """The same delivery again, with a new timestamp, is told that all is well and changes nothing."""
    training = await world.created_and_training()
    body = event(training.finetuning_job_id)
    assert (await deliver(receiver, body)).status_code == 204
    assert await world.work() == 1
    settled = await raw(world, training)
    for age_s in (0, 10):
        assert (await deliver(receiver, body, headers_of(body, age_s=age_s))).status_code == 204
    assert await raw(world, training) == settled
    assert [one.id for one in await WebhookDelivery.find_all().to_list()] == ["evt_1"]
    assert (await deliver(receiver, body, headers_of(body, webhook_id="evt_2"))).status_code == 204
    assert (await raw(world, training))["due_at"] == world.clock.now()


IGNORED: list[Any] = [
    [],
    None,
    "text",
    {},
    {"type": "fine_tuning.job.succeeded"},
    {"type": "fine_tuning.job.succeeded", "data": None},
    {"type": "fine_tuning.job.succeeded", "data": {"id": "ftjob-of-nobody"}},
    {"type": "fine_tuning.job.succeeded", "data": {"id": {"$ne": None}}},
    {"type": "batch.completed", "data": {"id": "THE JOB"}},
    {"type": "eval.run.of_a_type_to_come", "data": {"id": "THE JOB"}},
]


async def test_what_is_about_something_else_is_accepted_and_ignored(
    world: World, receiver: httpx2.AsyncClient
) -> None:
    """Or else the provider would deliver it again and again."""
    training = await world.created_and_training()
    before = await raw(world, training)
    for number, ignored in enumerate(IGNORED):
        body = json.dumps(ignored).replace("THE JOB", str(training.finetuning_job_id)).encode()
        response = await deliver(receiver, body, headers_of(body, webhook_id=f"evt_{number}"))
        assert (response.status_code, response.content) == (204, b"")
    assert await raw(world, training) == before
    assert await world.work() == 0


async def test_what_cannot_be_read_is_acknowledged(world: World, receiver: httpx2.AsyncClient) -> None:
    """Deep JSON, lone surrogates, bytes that are no text: 204, remembered, and nothing becomes due."""
    training = await world.created_and_training()
    before = await raw(world, training)
    for name, body in UNREADABLE.items():
        response = await deliver(receiver, body, headers_of_bytes(body))
        assert (response.status_code, response.content) == (204, b""), name
    assert await raw(world, training) == before
    assert [one.id for one in await WebhookDelivery.find_all().to_list()] == ["evt_1"]


async def test_a_webhook_about_an_ended_finetuning_wakes_nothing(
    world: World, receiver: httpx2.AsyncClient
) -> None:
    """An ended finetuning stays as it is and is not due again."""
    training = await world.created_and_training()
    ended = await world.cancel(training)
    assert ended.status is FinetuningStatus.CANCELLED
    before = await raw(world, training)
    assert (await deliver(receiver, event(training.finetuning_job_id))).status_code == 204
    assert await raw(world, training) == before


async def test_only_post_is_served(receiver: httpx2.AsyncClient) -> None:
    """A look at the endpoint shows nothing."""
    assert_refused(await receiver.get(PATH), 405, "METHOD_NOT_ALLOWED")


async def test_while_mongodb_is_away_the_provider_is_told_to_come_again(tmp_path: Path) -> None:
    """503, never a 2xx: the delivery is repeated, and taken once MongoDB is back."""
    mongod = EmbeddedMongod(tmp_path)
    await mongod.__aenter__()
    async with connect(mongod.uri, timeout_s=10) as patient:
        await initialise(patient["tests"])
    async with connect(mongod.uri, timeout_s=MONGODB_TIMEOUT_S) as client:
        await initialise(client["tests"])
        async with open_world(client["tests"], call_timeout_s=5) as world, receiver_of(world) as http:
            training = await world.created_and_training()
            body = event(training.finetuning_job_id)
            await mongod.__aexit__()
            assert_refused(await deliver(http, body), 503, "STORE_UNAVAILABLE")
            await mongod.__aenter__()
            async with asyncio.timeout(20):
                while (await deliver(http, body)).status_code != 204:
                    pass
            assert (await raw(world, training))["hinted_at"] == world.clock.now()
    await mongod.__aexit__()
