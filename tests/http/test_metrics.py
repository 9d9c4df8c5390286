"""``/metrics``: well-formed for Prometheus, moved by what happens, and without a secret."""

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from graphql_api.finetunings.sweep import sweep
from graphql_api.sandbox.openai.faults import Fault, FaultKind
from tests.http.faces import FACES
from tests.world import World

FAMILIES = {
    "finetuning_cancel_requests": "counter",
    "finetuning_provider_faults": "counter",
    "finetuning_orphans": "counter",
    "finetuning_cancels_overdue": "gauge",
}


async def samples(http: httpx2.AsyncClient) -> dict[tuple[str, ...], float]:
    """Return every sample that is shown, by its name and the values of its labels."""
    response = await http.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


async def test_the_exposition_is_well_formed(http: httpx2.AsyncClient) -> None:
    """Each family has its type and says in a sentence what it counts."""
    response = await http.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(response.text))
    assert {family.name: family.type for family in families} == FAMILIES
    assert all(family.documentation.endswith(".") for family in families)
    assert await samples(http) == {("finetuning_cancels_overdue",): 0}


async def test_cancels_and_faults_are_counted(world: World, http: httpx2.AsyncClient) -> None:
    """By what the answer said, through either face; what was not found is no cancel."""
    queued, training, ended = await world.create(), await world.created_and_training(), await world.create()
    for face in FACES:
        await face.cancel(http, str(queued.id))
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=429))
    await FACES[0].cancel(http, str(training.id))
    await FACES[0].cancel(http, "65f0c0ffee65f0c0ffee65f0")
    await FACES[0].cancel(http, "x")
    await world.drain(seconds=200)
    await FACES[1].cancel(http, str(ended.id))
    counted = "finetuning_cancel_requests_total"
    assert await samples(http) == {
        ("finetuning_cancels_overdue",): 0,
        (counted, "cancelled"): 2,
        (counted, "running"): 1,
        (counted, "too_late"): 1,
        ("finetuning_provider_faults_total", "RetryLater"): 1,
    }


async def test_orphans_are_counted(world: World, http: httpx2.AsyncClient) -> None:
    """By what was done about them."""
    training = await world.created_and_training()
    await world.database["finetunings"].delete_one({"_id": training.id})
    provider = world.engine.provider_named("openai")
    await sweep(world.engine, provider, dry_run=True)
    await sweep(world.engine, provider)
    await sweep(world.engine, provider)
    assert await samples(http) == {
        ("finetuning_cancels_overdue",): 0,
        ("finetuning_orphans_total", "reported"): 1,
        ("finetuning_orphans_total", "stopped"): 1,
    }


async def test_nothing_that_identifies_anyone_is_shown(world: World, http: httpx2.AsyncClient) -> None:
    """No key, no address, no id: labels have few values and none of them comes from outside."""
    training = await world.created_and_training(alias="an alias", metadata={"team": "a team"})
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=401, message="sk-leaked"))
    await FACES[0].cancel(http, str(training.id))
    shown = (await http.get("/metrics")).text
    hidden = [
        "sk-",
        "127.0.0.1",
        "mongodb:",
        str(training.id),
        training.finetuning_job_id,
        "an alias",
        "a team",
    ]
    assert [word for word in hidden if str(word) in shown] == []
