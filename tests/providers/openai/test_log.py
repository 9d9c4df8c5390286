"""A job's log and its checkpoints, read back to what is known, from whatever the provider sends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from graphql_api.providers.port import OutcomeUnknownError, ProviderCheckpoint, ProviderEvent
from graphql_api.sandbox.openai import Account, Sandbox, SandboxServer
from graphql_api.sandbox.openai.clock import ManualClock
from graphql_api.sandbox.openai.files import Upload
from graphql_api.sandbox.openai.submission import Submission
from tests.providers.openai.raw_server import RawServer, Request, Script, answer, compute, routes
from tests.providers.openai.wire import event, page, provider_at

NOTHING: frozenset[str] = frozenset()
LINE = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'


async def test_events_come_oldest_first() -> None:
    """The provider lists its log newest first; readers want it in the order of time."""
    log = [
        event("ev-3", created_at=30, level="warn", message="two\nlines"),
        event("ev-2", created_at=20),
        event("ev-1", created_at=20, level=None, message=None),
    ]
    async with RawServer(listing(log)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", known=NOTHING)
    assert found == [
        ProviderEvent(id="ev-1", at=datetime.fromtimestamp(20, UTC), level="info", message=""),
        ProviderEvent(id="ev-2", at=datetime.fromtimestamp(20, UTC), level="info", message="Step 1/10"),
        ProviderEvent(id="ev-3", at=datetime.fromtimestamp(30, UTC), level="warn", message="two lines"),
    ]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("known", "fresh", "requests"),
    [
        ([], range(250), 3),
        ([249], range(150, 249), 1),
        ([120], [*range(50, 120), *range(121, 250)], 2),
        (range(250), [], 1),
    ],
    ids=["all", "but the newest", "two pages", "nothing"],
)
async def test_the_log_is_read_back_to_the_first_page_with_a_known_line(
    known: Sequence[int], fresh: Sequence[int], requests: int
) -> None:
    """What is new on that page is taken, too, wherever the provider put it."""
    log = [event(f"ev-{n}", created_at=1000 + n) for n in reversed(range(250))]
    ids = frozenset(f"ev-{n}" for n in known)
    async with RawServer(listing(log)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", known=ids)
    assert [one.id for one in found] == [f"ev-{n}" for n in fresh]
    assert len(server.requests) == requests


@pytest.mark.parametrize("has_more", [True, None])
async def test_a_log_that_repeats_itself_comes_to_an_end(*, has_more: bool | None) -> None:
    """A page without anything new is the last one, whatever the provider says of more."""
    same = answer(200, page([event("ev-1", created_at=20)], has_more=has_more))
    async with RawServer(same).running() as server, provider_at(server.url) as provider:
        assert [one.id for one in await provider.list_job_events("ftjob-1", known=NOTHING)] == ["ev-1"]
    assert len(server.requests) == 2


async def test_of_an_endless_log_the_newest_pages_are_read() -> None:
    """Two thousand lines at a time."""

    def endless(request: Request) -> object:
        [after] = request.query.get("after", ["ev-1000000"])
        newest = int(after.removeprefix("ev-"))
        items = [event(f"ev-{newest - n}", created_at=newest - n) for n in range(1, 101)]
        return page(items, has_more=True)

    async with RawServer(compute(endless)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", known=NOTHING)
    assert (len(server.requests), len(found), found[-1].id) == (20, 2000, "ev-999999")


@pytest.mark.parametrize(
    ("data", "metrics"),
    [
        ({"step": 3, "train_loss": 0.5}, {"step": 3, "train_loss": 0.5}),
        ({"step": True, "train_loss": "low", "valid_loss": None, "x": 10**30}, {}),
        ([], {}),
        (None, {}),
        ("nonsense", {}),
    ],
)
async def test_only_numbers_are_metrics(data: object, metrics: dict[str, float]) -> None:
    """Whatever else the provider puts there is left out."""
    log = [event("ev-1", created_at=20, type="metrics", data=data)]
    async with RawServer(listing(log)).running() as server, provider_at(server.url) as provider:
        [found] = await provider.list_job_events("ftjob-1", known=NOTHING)
    assert found.metrics == metrics


async def test_a_checkpoint_names_a_model_that_can_be_used() -> None:
    """One without a model's name or a step is of no use to anybody."""
    told = [checkpoint(30), checkpoint(20), checkpoint(10, fine_tuned_model_checkpoint=None)]
    told += [checkpoint(5, step_number="five"), checkpoint(4, step_number=2**40)]
    body = page(told)
    checkpoints = routes({"GET /v1/fine_tuning/jobs/ftjob-1/checkpoints": answer(200, body)})
    async with RawServer(checkpoints).running() as server, provider_at(server.url) as provider:
        found = await provider.list_checkpoints("ftjob-1")
    assert found == [
        ProviderCheckpoint(
            id=f"ckpt-{step}",
            created_at=datetime.fromtimestamp(step, UTC),
            model_id=f"ft:m:ckpt-step-{step}",
            step_number=step,
            metrics={"step": step, "train_loss": 0.5},
        )
        for step in (20, 30)
    ]


@pytest.mark.parametrize("body", [b"<html>", [], {"data": [{}]}, {"data": None}])
async def test_a_list_that_is_none_is_an_unknown_outcome(body: object) -> None:
    """It is not taken for an empty one."""
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.list_job_events("ftjob-1", known=NOTHING)
        with pytest.raises(OutcomeUnknownError):
            await provider.list_checkpoints("ftjob-1")


async def test_the_sandbox_speaks_the_same_log() -> None:
    """Over the wire: metrics of a step, and the checkpoints of the last epochs."""
    clock = ManualClock()
    account = Account(clock=clock)
    async with (
        SandboxServer(Sandbox(account=account)) as server,
        provider_at(server.base_url) as provider,
    ):
        file = account.add_file(Upload(filename="f.jsonl", purpose="fine-tune", content=LINE * 10))
        job = account.create_job(Submission(model="gpt-4", training_file=file.id))
        clock.advance(1000)
        events = await provider.list_job_events(job.id, known=NOTHING)
        checkpoints = await provider.list_checkpoints(job.id)
    assert [one.message for one in events] == [milestone.message for milestone in job.history]
    assert events[-3].message.startswith("Checkpoint created at step 30")
    assert events[-4].metrics == {
        "step": 30,
        "train_loss": 0.2707,
        "train_mean_token_accuracy": 0.9323,
        "total_steps": 30,
    }
    assert [one.model_id for one in checkpoints] == [f"{job.model_id}:ckpt-step-{n}" for n in (10, 20, 30)]


def listing(log: Sequence[dict[str, Any]]) -> Script:
    """Serve the log as OpenAI does."""

    def listed(request: Request) -> object:
        ids = [item["id"] for item in log]
        [after], [limit] = request.query.get("after", [""]), request.query["limit"]
        start = ids.index(after) + 1 if after in ids else 0
        end = start + int(limit)
        return page(log[start:end], has_more=end < len(log))

    return compute(listed)


def checkpoint(step: int, **changes: object) -> dict[str, Any]:
    """Return a whole ``fine_tuning.job.checkpoint`` object."""
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": f"ckpt-{step}",
        "created_at": step,
        "fine_tuned_model_checkpoint": f"ft:m:ckpt-step-{step}",
        "fine_tuning_job_id": "ftjob-1",
        "metrics": {"step": step, "train_loss": 0.5},
        "step_number": step,
        **changes,
    }
