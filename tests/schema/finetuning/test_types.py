"""``lastFault``: the present obstacle of a finetuning.

It is told in the provider's own words.
"""

from typing import Any

import pytest

from graphql_api.documents import Finetuning
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.training import Durations
from tests.provider_faults import SILENT, UNANSWERED, at, each
from tests.schema.conftest import Client

ONE = """
query One($id: ID!) {
  finetuning(id: $id) {
    status error
    lastFault { message at attempts requestId }
    cancellation { phase attempts lastError }
    events(first: 100) { nodes { kind message requestId } }
  }
}
"""
REFUSED = Fault(kind=FaultKind.STATUS, status=500, message="Ask again tomorrow.")


async def shown(client: Client, finetuning: Finetuning) -> Any:
    """Return the finetuning as a client sees it."""
    return (await client.data(ONE, id=str(finetuning.id)))["finetuning"]


async def test_a_create_that_fails_says_why_it_is_still_queued(client: Client) -> None:
    """Queued without an error, it tells the provider's words, when, how often and the request's id."""
    world = client.world
    world.fault(at("jobs.create", REFUSED))
    world.fault(at("jobs.list", REFUSED, times=None))
    created = await world.create()
    await world.work()
    first = await shown(client, created)
    assert (first["status"], first["error"]) == ("QUEUED", None)
    fault = first["lastFault"]
    assert fault["message"] == "The provider failed (500): Ask again tomorrow."
    assert (fault["at"], fault["attempts"]) == (world.clock.now().isoformat(), 1)
    assert fault["requestId"].startswith("req_sandbox")
    told = [node for node in first["events"]["nodes"] if node["kind"] == "PROVIDER_FAULT"]
    assert told == [{"kind": "PROVIDER_FAULT", "message": fault["message"], "requestId": fault["requestId"]}]

    await world.drain(seconds=60)
    later = (await shown(client, created))["lastFault"]
    assert later["attempts"] == 1 + world.calls("jobs.list")
    assert later["at"] > fault["at"]
    assert later["requestId"] not in {None, fault["requestId"]}


async def test_a_list_without_the_job_leaves_the_create_open(client: Client) -> None:
    """The look-up went well, the question is still open, and the answer says both."""
    world = client.world
    world.fault(at("jobs.create", REFUSED))
    created = await world.create()
    await world.work()
    world.advance(2)
    await world.work()
    assert world.calls("jobs.list") > 0
    fault = (await shown(client, created))["lastFault"]
    assert fault["message"] == "The create call was not answered, and no job of it has turned up so far."
    assert (fault["attempts"], fault["requestId"]) == (1, None)


async def test_look_ups_count_as_attempts_of_a_cancel(client: Client) -> None:
    """A cancel with only look-ups left counts them, and says why they did not help."""
    world = client.world
    world.fault(at("jobs.create", REFUSED))
    world.fault(at("jobs.list", REFUSED, times=None))
    created = await world.create()
    await world.work()
    before = world.calls("jobs.list")
    await world.cancel(created)
    await world.drain(seconds=600)
    cancellation = (await shown(client, created))["cancellation"]
    assert cancellation["attempts"] == world.calls("jobs.list") - before >= 13
    assert (cancellation["phase"], cancellation["lastError"]) == (
        "REQUESTED",
        "The provider failed (500): Ask again tomorrow.",
    )


async def test_an_accepted_cancel_whose_job_goes_on_is_told(client: Client) -> None:
    """The contact went well, so there is no fault; that the job still runs stands beside the cancel."""
    world = client.world
    world.sandbox.account.durations = Durations(cancelling_s=10**6, running_s=10**7)
    training = await world.created_and_training()
    await world.cancel(training)
    asked = await shown(client, training)
    assert asked["cancellation"]["phase"] == "REQUESTED"
    assert asked["cancellation"]["lastError"] == "The provider accepted the cancel; the job is still running."
    assert (asked["status"], asked["lastFault"]) == ("RUNNING", None)


@each(UNANSWERED | SILENT)
async def test_every_fault_has_words(client: Client, fault: Fault) -> None:
    """Silence, a limit, a refused key and a lie are told alike, and no longer once all is well again."""
    world = client.world
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", fault))
    world.advance(11)
    await world.work()
    told = (await shown(client, training))["lastFault"]
    assert told["message"].startswith("The ")
    assert told["attempts"] == 1
    world.sandbox.faults.clear()
    world.advance(61)
    await world.work()
    assert (await shown(client, training))["lastFault"] is None


async def test_a_fault_that_ended_it_stays_with_its_request_id(client: Client) -> None:
    """A person asking the provider's support about the refusal has the id to name."""
    world = client.world
    world.fault(at("jobs.create", Fault(kind=FaultKind.STATUS, status=400, message="No such model.")))
    created = await world.create()
    await world.work()
    ended = await shown(client, created)
    assert (ended["status"], ended["error"]) == (
        "FAILED",
        "The provider refused the request (400): No such model.",
    )
    assert ended["lastFault"]["message"] == ended["error"]
    assert ended["lastFault"]["requestId"].startswith("req_sandbox")


@pytest.mark.parametrize("cancels", [False, True])
async def test_what_ended_well_has_no_last_fault(client: Client, cancels: bool) -> None:
    """Faults on the way are history: the timeline has them."""
    world = client.world
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", REFUSED))
    world.advance(11)
    await world.work()
    assert (await shown(client, training))["lastFault"] is not None
    if cancels:
        await world.cancel(training)
    await world.drain(seconds=200)
    ended = await shown(client, training)
    assert (ended["status"], ended["lastFault"]) == ("CANCELLED" if cancels else "SUCCEEDED", None)
    assert [node["kind"] for node in ended["events"]["nodes"]].count("PROVIDER_FAULT") == 1
