"""Webhooks, received over HTTP and verified by the SDK."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from openai import AsyncOpenAI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.openai import Account, ManualClock, Sandbox, SandboxServer, WebhookSender
from graphql_api.sandbox.openai.submission import Submission
from graphql_api.sandbox.tcp import accept_no_more
from tests.sandbox.conftest import chat_jsonl
from tests.sandbox.openai.published import validate_object

SECRET = "whsec_c2FuZGJveC1zZWNyZXQ="


@dataclass(slots=True, kw_only=True)
class Receiver:
    """An endpoint with a memory of its deliveries; it answers with the next of its statuses, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    has_received: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one delivery."""
        request = Request(scope, receive)
        self.received.append((dict(request.headers), await request.body()))
        self.has_received.set()
        status = self.statuses.pop(0) if self.statuses else 200
        await Response(status_code=status)(scope, receive, send)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still at the present, since the SDK rejects old timestamps."""
    return ManualClock(start_s=int(time.time()))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a loopback port."""
    receiver, state = Receiver(), ServerState()
    config = uvicorn.Config(receiver, lifespan="off", log_config=None)
    config.load()
    listener = await asyncio.get_running_loop().create_server(
        lambda: H11Protocol(config=config, server_state=state, app_state={}), host="127.0.0.1", port=0
    )
    receiver.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/webhooks"
    yield receiver
    await accept_no_more(listener)
    listener.close()
    for kept_alive in list(state.connections):
        kept_alive.transport.abort()
    await asyncio.sleep(0)  # in which they close


@pytest.fixture
def sender(sandbox: Sandbox, receiver: Receiver) -> WebhookSender:
    """The sender of the sandbox's webhooks to the receiver."""
    return WebhookSender(account=sandbox.account, url=receiver.url, secret=SECRET)


def make_job(account: Account, *, examples: int = 10) -> str:
    """Create a job and return its id; with less than ten examples it is going to fail."""
    upload = Upload(filename="t.jsonl", purpose="fine-tune", content=chat_jsonl(examples))
    file = account.add_file(upload)
    return account.create_job(Submission(model="gpt-4", training_file=file.id)).id


async def test_an_ended_job_is_announced_once(
    sandbox: Sandbox, sender: WebhookSender, receiver: Receiver, clock: ManualClock
) -> None:
    """Success, failure and cancel are each announced once, after the fact, in a signature the SDK accepts."""
    succeeded, failed = make_job(sandbox.account), make_job(sandbox.account, examples=1)
    cancelled = make_job(sandbox.account)
    assert await sender.deliver_due() == 0
    sandbox.account.cancel_job(cancelled)
    clock.advance(100)
    assert await sender.deliver_due() == 3
    assert await sender.deliver_due() == 0
    told = {}
    async with AsyncOpenAI(api_key="k", webhook_secret=SECRET) as client:
        for headers, body in receiver.received:
            event = client.webhooks.unwrap(body, headers)
            assert headers["webhook-id"] == event.id
            told[event.type] = event.data.id  # type: ignore[union-attr] # every event here is about a job
    assert told == {
        "fine_tuning.job.succeeded": succeeded,
        "fine_tuning.job.failed": failed,
        "fine_tuning.job.cancelled": cancelled,
    }


async def test_the_event_has_the_published_shape(
    sandbox: Sandbox, sender: WebhookSender, receiver: Receiver
) -> None:
    """The body is the published event object."""
    sandbox.account.cancel_job(make_job(sandbox.account))
    await sender.deliver_due()
    validate_object("WebhookFineTuningJobCancelled", json.loads(receiver.received[0][1]))


async def test_a_refused_delivery_is_repeated_with_the_same_id(
    sandbox: Sandbox, sender: WebhookSender, receiver: Receiver
) -> None:
    """A delivery that was not accepted is made again on the next pass, five times at most."""
    receiver.statuses = [500] * 9
    sandbox.account.cancel_job(make_job(sandbox.account))
    assert [await sender.deliver_due() for _ in range(7)] == [0] * 7
    assert len(receiver.received) == 5
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1


async def test_an_unreachable_receiver_does_no_harm(sandbox: Sandbox, sender: WebhookSender) -> None:
    """A receiver that cannot be reached is tried again later."""
    sandbox.account.cancel_job(make_job(sandbox.account))
    there, sender.url = sender.url, "http://127.0.0.1:1/"
    assert await sender.deliver_due() == 0
    sender.url = there
    assert await sender.deliver_due() == 1


async def test_the_server_delivers_by_itself(
    sandbox: Sandbox, sender: WebhookSender, receiver: Receiver
) -> None:
    """A server with a sender delivers in the background up to its stop."""
    sandbox.account.cancel_job(make_job(sandbox.account))
    async with SandboxServer(sandbox, webhooks=sender):
        await receiver.has_received.wait()
    [(headers, _)] = receiver.received
    assert headers["webhook-signature"].startswith("v1,")
