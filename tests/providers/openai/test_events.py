"""A job's log and its checkpoints.

The provider may send anything.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from graphql_api.providers.port import EventPage, JobEvent, OutcomeUnknownError, ProviderCheckpoint
from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.openai import Account, Sandbox, SandboxServer
from graphql_api.sandbox.openai.submission import Submission
from tests.providers.openai.wire import event, page, provider_at
from tests.providers.raw_server import RawServer, Request, Script, answer, compute, routes

LINE = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'


async def test_a_page_comes_as_the_provider_lists_it() -> None:
    """Each line with its time and words; whether there is more, if the provider says so."""
    log = [
        event("ev-3", created_at=30, level="warn", message="two\nlines"),
        event("ev-2", created_at=20),
        event("ev-1", created_at=20, level=None, message=None),
    ]
    async with RawServer(listing(log)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", after=None)
        rest = await provider.list_job_events("ftjob-1", after="ev-2")
    lines = [
        JobEvent(id="ev-3", at=datetime.fromtimestamp(30, UTC), level="warn", message="two lines"),
        JobEvent(id="ev-2", at=datetime.fromtimestamp(20, UTC), level="info", message="Step 1/10"),
        JobEvent(id="ev-1", at=datetime.fromtimestamp(20, UTC), level="info", message=""),
    ]
    assert found == EventPage(events=lines, has_more=False)
    assert rest == EventPage(events=lines[2:], has_more=False)
    assert [request.query for request in server.requests] == [
        {"limit": ["100"]},
        {"after": ["ev-2"], "limit": ["100"]},
    ]


async def test_what_a_line_lacks_costs_no_other_line() -> None:
    """Neither an id nor a time is needed; nulls and empty objects are no lines."""
    log = [
        None,
        {"message": "bare"},
        {},
        "text",
        event("ev-1", created_at="yesterday", message="named"),
    ]
    bare = answer(200, page(log, has_more=None))
    async with RawServer(bare).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", after=None)
    lines = [
        JobEvent(id="", at=None, level="info", message="bare"),
        JobEvent(id="ev-1", at=None, level="info", message="named"),
    ]
    assert found == EventPage(events=lines, has_more=None)


async def test_an_id_that_lines_share_is_none() -> None:
    """An endpoint that gives the job's id to each line does not name its lines."""
    log = [event("same", created_at=20 + n) for n in range(2)] + [event("own", created_at=30)]
    async with RawServer(answer(200, page(log))).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", after=None)
    assert [one.id for one in found.events] == ["", "", "own"]


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
    """Everything else from the provider is left out."""
    log = [event("ev-1", created_at=20, type="metrics", data=data)]
    async with RawServer(listing(log)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", after=None)
    assert [one.metrics for one in found.events] == [metrics]


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


@pytest.mark.parametrize("is_oldest_first", [True, False])
async def test_a_log_that_comes_as_a_whole_is_cut_to_its_newest_lines(*, is_oldest_first: bool) -> None:
    """They stay in the order of the list; behind a page that is newest first there are older ones."""
    log = [event(f"ev-{number}", created_at=number) for number in range(250, 0, -1)]
    listed = log[::-1] if is_oldest_first else log
    async with RawServer(answer(200, page(listed))).running() as server, provider_at(server.url) as provider:
        found = await provider.list_job_events("ftjob-1", after=None)
    newest = [f"ev-{number}" for number in range(250, 150, -1)]
    assert [one.id for one in found.events] == (newest[::-1] if is_oldest_first else newest)
    assert found.has_more is not is_oldest_first


async def test_of_checkpoints_that_come_all_at_once_the_newest_are_kept() -> None:
    """A hundred were asked for, and the order of the list says nothing."""
    told = page([checkpoint(step) for step in range(1, 251)])
    async with RawServer(answer(200, told)).running() as server, provider_at(server.url) as provider:
        found = await provider.list_checkpoints("ftjob-1")
    assert [one.step_number for one in found] == list(range(151, 251))


@pytest.mark.parametrize("body", [b"<html>", [], {"data": {}}, {"data": 3}])
async def test_a_list_that_is_none_is_an_unknown_outcome(body: object) -> None:
    """It is not taken for an empty one."""
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError):
            await provider.list_job_events("ftjob-1", after=None)
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
        events = (await provider.list_job_events(job.id, after=None)).events[::-1]
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
