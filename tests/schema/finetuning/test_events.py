"""The history in the schema, in pages and live.

It has our own events and the provider's.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.documents import Finetuning, ProviderEvent
from tests.logs import logs_of
from tests.schema.conftest import Client
from tests.schema.finetuning.test_subscriptions import EVENTS, following, next_of
from tests.stages import ask

PAGE = """
query Page($id: ID!, $first: Int, $after: String) {
  finetuning(id: $id) {
    checkpoints { id createdAt modelId stepNumber metrics { step trainLoss validLoss } }
    events(first: $first, after: $after) {
      edges { cursor node { kind message level actor status metrics { step totalSteps trainLoss } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


async def pages(client: Client, finetuning: Finetuning, *, first: int) -> list[dict[str, Any]]:
    """Return all edges, page by page."""
    edges: list[dict[str, Any]] = []
    after = None
    while True:
        data = await client.data(PAGE, id=str(finetuning.id), first=first, after=after)
        page = data["finetuning"]["events"]
        edges += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return edges


@pytest.fixture
async def training(client: Client) -> Finetuning:
    """Yield a finetuning in training, with its log already read."""
    training = await client.world.created_and_training()
    client.world.advance(25)
    await logs_of(client.world).do_round()
    return await client.world.read(training)


async def test_the_history_has_both(client: Client, training: Finetuning) -> None:
    """Entries of ours have no level, the provider's no actor; metrics are typed."""
    nodes = [edge["node"] for edge in await pages(client, training, first=100)]
    ours = [node for node in nodes if node["level"] is None]
    assert [node["kind"] for node in ours] == [entry.kind.name for entry in training.timeline]
    theirs = [node for node in nodes if node["level"] is not None]
    lines = await ProviderEvent.find({"finetuning_id": training.id}).sort("+number").to_list()
    assert [node["message"] for node in theirs] == [line.message for line in lines]
    assert {node["kind"] for node in theirs} == {"PROVIDER_MESSAGE", "PROVIDER_METRICS"}
    metrics = next(node for node in theirs if node["kind"] == "PROVIDER_METRICS")
    assert metrics == {
        "kind": "PROVIDER_METRICS",
        "message": "Step 2/30: training loss=1.75",
        "level": "info",
        "actor": None,
        "status": None,
        "metrics": {"step": 2, "totalSteps": 30, "trainLoss": 1.7503},
    }


@pytest.mark.parametrize("first", [1, 3, 7])
async def test_pages_add_up(client: Client, training: Finetuning, first: int) -> None:
    """For any size, and every cursor is another."""
    whole = await pages(client, training, first=100)
    assert await pages(client, training, first=first) == whole
    assert (
        len({edge["cursor"] for edge in whole})
        == len(whole)
        == len(training.timeline) + training.provider_events
    )


async def test_checkpoints_are_what_a_cancel_leaves(client: Client, training: Finetuning) -> None:
    """With the models' names and how good they were."""
    await client.world.cancel(training)
    await logs_of(client.world).do_round()
    data = await client.data(PAGE, id=str(training.id), first=1)
    job = client.world.sandbox.account.job(str(training.finetuning_job_id))
    first, second = data["finetuning"]["checkpoints"]
    assert first == {
        "id": f"ftckpt-{job.id}-10",
        "createdAt": first["createdAt"],
        "modelId": f"{job.model_id}:ckpt-step-10",
        "stepNumber": 10,
        "metrics": {"step": 10, "trainLoss": 1.0268, "validLoss": None},
    }
    assert second["stepNumber"] == 20


async def test_the_providers_lines_come_live(client: Client, training: Finetuning) -> None:
    """As they are read, behind the told ones; the cursor of the last one goes on without a gap."""
    known = await pages(client, training, first=100)
    async with following(client, EVENTS, id=str(training.id), after=known[-2]["cursor"]) as results:
        assert (await next_of(results))["cursor"] == known[-1]["cursor"]
        told: list[Any] = []
        job = client.world.sandbox.account.job(str(training.finetuning_job_id))
        for message in ("one more", "and another"):
            job.history.append(replace(job.history[-1], message=message))
            client.world.advance(10)
            await logs_of(client.world).do_round()
            now = await client.world.read(training)
            while len(told) < now.provider_events - training.provider_events:
                told.append(await next_of(results))
        assert {delivery["event"]["kind"] for delivery in told} <= {"PROVIDER_METRICS", "PROVIDER_MESSAGE"}
        await ask(client.world, training)
        told.append(await next_of(results))
    assert told[-1]["event"]["kind"] == "CANCEL_REQUESTED"
    whole = await pages(client, training, first=100)
    assert len(whole) == len(known) + len(told)
    rest = await client.data(PAGE, id=str(training.id), first=100, after=told[-2]["cursor"])
    assert [edge["cursor"] for edge in rest["finetuning"]["events"]["edges"]] == [told[-1]["cursor"]]
