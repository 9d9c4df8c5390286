"""``/metrics``: well-formed, true, without a secret."""

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from graphql_api.metrics import MOST_NAMES
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.upkeep.sweep import sweep
from tests.http.conftest import client_of
from tests.http.faces import FACES
from tests.http.graphql.websocket_client import asked, connected_to, subscribe
from tests.world import World

FAMILIES = {
    "graphql_operations": "counter",
    "graphql_operation_duration_seconds": "histogram",
    "graphql_errors": "counter",
    "finetuning_cancel_requests": "counter",
    "finetuning_provider_faults": "counter",
    "finetuning_orphans": "counter",
    "finetuning_marks_lost": "counter",
    "finetuning_marks_lost_created": "gauge",
    "audit_entries_lost": "counter",
    "audit_entries_lost_created": "gauge",
    "finetuning_cancels_overdue": "gauge",
}


async def samples(http: httpx2.AsyncClient, about: str = "finetuning") -> dict[tuple[str, ...], float]:
    """Return every sample that is shown about this, by its name and the values of its labels."""
    response = await http.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name.startswith(about) and not sample.name.endswith("_created")
    }


async def test_the_exposition_is_well_formed(http: httpx2.AsyncClient) -> None:
    """Each family has its type and gives its meaning in a sentence."""
    response = await http.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(response.text))
    assert {family.name: family.type for family in families} == FAMILIES
    assert all(family.documentation.endswith(".") for family in families)
    assert await samples(http) == {("finetuning_cancels_overdue",): 0, ("finetuning_marks_lost_total",): 0}


async def test_cancels_and_faults_are_counted(world: World, http: httpx2.AsyncClient) -> None:
    """By their outcome, through either face; a wrong id asks for nothing."""
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
        ("finetuning_marks_lost_total",): 0,
        (counted, "cancelled"): 2,
        (counted, "requested"): 1,
        (counted, "not_found"): 1,
        (counted, "not_cancellable"): 1,
        ("finetuning_provider_faults_total", "RetryLater"): 1,
    }


async def test_orphans_are_counted(world: World, http: httpx2.AsyncClient) -> None:
    """By the action on them."""
    training = await world.created_and_training()
    await world.database["finetunings"].delete_one({"_id": training.id})
    await sweep(world.engine, world.account, dry_run=True)
    await sweep(world.engine, world.account)
    await sweep(world.engine, world.account)
    assert await samples(http) == {
        ("finetuning_cancels_overdue",): 0,
        ("finetuning_marks_lost_total",): 0,
        ("finetuning_orphans_total", "reported"): 1,
        ("finetuning_orphans_total", "stopped"): 1,
    }


async def test_nothing_that_identifies_anyone_is_shown(world: World, http: httpx2.AsyncClient) -> None:
    """No key, no address, no id: from outside, labels have the names of a few operations only."""
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


COUNT, ERRORS = "graphql_operations_total", "graphql_errors_total"
LOOK = "query Look($id: ID!) { finetuning(id: $id) { id } }"


async def graphql_counts(http: httpx2.AsyncClient) -> dict[tuple[str, ...], float]:
    """Return how many operations and errors have been counted."""
    counted = await samples(http, "graphql_")
    return {key: value for key, value in counted.items() if key[0] in {COUNT, ERRORS}}


async def test_operations_are_counted_by_their_names(http: httpx2.AsyncClient) -> None:
    """With their durations; a name in an invalid document does not count."""
    for name in ("65f0c0ffee65f0c0ffee65f0", "65f0c0ffee65f0c0ffee65f1", "x"):
        await http.post("/graphql", json={"query": LOOK, "variables": {"id": name}})
    await http.post("/graphql", json={"query": "{ __typename }"})
    await http.post("/graphql", json={"query": "query Invalid { nope }"})
    assert await graphql_counts(http) == {
        (COUNT, "Look"): 3,
        (COUNT, "anonymous"): 2,
        (ERRORS, "BAD_USER_INPUT"): 1,
        (ERRORS, "GRAPHQL_VALIDATION_FAILED"): 1,
    }
    took = await samples(http, "graphql_operation_duration_seconds")
    assert took["graphql_operation_duration_seconds_count", "Look"] == 3
    assert took["graphql_operation_duration_seconds_count", "anonymous"] == 1
    assert 0 < took["graphql_operation_duration_seconds_sum", "Look"] < 20


async def test_what_is_no_operation_is_counted_by_its_error(http: httpx2.AsyncClient) -> None:
    """At any stage it did not pass."""
    await http.post("/graphql", json={"query": "{"})
    await http.post("/graphql", json=[])
    await http.put("/graphql")
    await http.get("/graphql", params={"query": "mutation { __typename }"})
    await http.get("/graphql", headers={"accept": "image/png"})
    await http.post("/graphql", json={"query": LOOK, "operationName": "Other"})
    await http.post("/graphql", json={"documentId": "one"})
    assert await graphql_counts(http) == {
        (COUNT, "anonymous"): 1,
        (ERRORS, "GRAPHQL_PARSE_FAILED"): 1,
        (ERRORS, "BAD_REQUEST"): 1,
        (ERRORS, "METHOD_NOT_ALLOWED"): 2,
        (ERRORS, "NOT_ACCEPTABLE"): 1,
        (ERRORS, "OPERATION_RESOLUTION_FAILURE"): 1,
        (ERRORS, "PERSISTED_QUERY_NOT_SUPPORTED"): 1,
    }


async def test_a_refusal_is_counted_on_every_transport(world: World) -> None:
    """Though nothing is taken from a stream after it."""
    async with client_of(world, max_operations=1) as http:
        unknown = {"query": LOOK, "operationName": "Other"}
        await http.post("/graphql", json=unknown, headers={"accept": "text/event-stream"})
        assert (await graphql_counts(http))[ERRORS, "OPERATION_RESOLUTION_FAILURE"] == 1
        async with connected_to(f"{http.base_url.host}:{http.base_url.port}") as socket:
            await asked(socket, LOOK, operationName="Other")
            assert (await graphql_counts(http))[ERRORS, "OPERATION_RESOLUTION_FAILURE"] == 2
            await subscribe(socket, "subscription { finetuningUpdated { id } }", key="all")
            await asked(socket, "{ __typename }")
        assert (await graphql_counts(http))[ERRORS, "TOO_MANY_OPERATIONS"] == 1


async def test_names_from_outside_cannot_flood_the_labels(quick_http: httpx2.AsyncClient) -> None:
    """The first ones keep their names, the rest is one; a long name is never shown."""
    names = ["x" * 65, *(f"N{n}" for n in range(MOST_NAMES + 20))]
    for name in names:
        await quick_http.post("/graphql", json={"query": f"query {name} {{ __typename }}"})
    counted = await graphql_counts(quick_http)
    assert {key[1] for key in counted} == {*names[1 : MOST_NAMES + 1], "other"}
    assert counted[COUNT, "other"] == 21
    await quick_http.post("/graphql", json={"query": "query N0 { __typename }"})
    assert (await graphql_counts(quick_http))[COUNT, "N0"] == 2
