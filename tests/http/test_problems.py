"""Unexpected errors on both faces.

They are masked, logged once, and found again by the client's id.
"""

import httpx2
import pytest
from structlog.contextvars import merge_contextvars
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from graphql_api.documents import Finetuning
from graphql_api.http.problems import problem
from tests.http.conftest import Api
from tests.http.faces import Face
from tests.stages import raw
from tests.world import World

SECRET = "sk-proj-never-to-be-seen"
MASKED = "Something went wrong on the server. It has been logged."
AWAY = (
    "The database does not answer, so the request may or may not have been recorded. "
    "A cancel or a deletion is safe to repeat; so is a creation with an idempotencyKey."
)
OURS = "a-request-of-ours"


async def broken(world: World) -> Finetuning:
    """Return a finetuning with a document broken by hand, and a secret in it."""
    created = await world.create()
    await world.database["finetunings"].update_one(
        {"_id": created.id}, {"$set": {"base_llm": {"model_provider": [SECRET]}}}
    )
    return created


async def test_an_unexpected_error_is_masked_and_logged_once(
    world: World, http: httpx2.AsyncClient, face: Face, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets the id of the traceback in the log, and not a word more."""
    finetuning = await broken(world)
    http.headers["X-Request-Id"] = OURS
    with capture_logs(processors=[format_exc_info]) as logs:
        answer = await face.cancel(http, str(finetuning.id))
    assert answer.http_status == face.http_status(500)
    assert (answer.code, answer.message) == ("INTERNAL_SERVER_ERROR", MASKED)
    assert answer.details == {face.detail("requestId"): OURS}
    entry, call = sorted(logs, key=lambda line: line["log_level"])
    assert (entry["event"], entry["log_level"]) == ("unexpected error", "error")
    assert (call["event"], call["code"]) == ("call", "INTERNAL_SERVER_ERROR")
    assert entry["request_id"] == call["request_id"] == OURS
    assert entry["exception"].startswith("Traceback (most recent call last):")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_an_unexpected_error_is_answered_under_its_request_id(
    world: World, http: httpx2.AsyncClient
) -> None:
    """The id is in the header too, and the secret that the error quotes is nowhere."""
    finetuning = await broken(world)
    with capture_logs() as logs:
        response = await http.post(f"/api/v1/finetunings/{finetuning.id}/cancel", json={})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["X-Request-Id"] == response.json()["request_id"] == logs[0]["request_id"]
    assert SECRET not in response.text


async def test_one_broken_finetuning_does_not_hide_the_others(world: World, http: httpx2.AsyncClient) -> None:
    """The field that failed is null with an error at its path; its neighbour is answered."""
    whole, finetuning = await world.create(), await broken(world)
    query = "query($a: ID!, $b: ID!) { a: finetuning(id: $a) { id } b: finetuning(id: $b) { id } }"
    variables = {"a": str(whole.id), "b": str(finetuning.id)}
    with capture_logs():
        response = await http.post("/graphql", json={"query": query, "variables": variables})
    answer = response.json()
    assert answer["data"] == {"a": {"id": str(whole.id)}, "b": None}
    (error,) = answer["errors"]
    assert error["path"] == ["b"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert response.headers["X-Request-Id"] == error["extensions"]["requestId"]
    assert SECRET not in response.text


async def test_a_provider_that_is_not_there_any_more_fails_no_cancel(api: Api) -> None:
    """The operator took it away from a running job; the intent waits for its return."""
    training = await api.world.created_and_training()
    await api.world.database["finetunings"].update_one(
        {"_id": training.id}, {"$set": {"base_llm.model_provider": "gone"}}
    )
    seen = len(api.world.sandbox.calls.find())
    answer = await api.cancel(training)
    assert (answer.http_status, answer.code) == (api.face.http_status(202), None)
    stored = await raw(api.world, training)
    assert (stored["wanted"], stored["status"]) == ("cancel", "running")
    assert stored["cancellation"]["last_error"] == "Provider 'gone' is not supported; supported: openai."
    assert len(api.world.sandbox.calls.find()) == seen


async def test_an_unknown_path_is_a_problem(http: httpx2.AsyncClient) -> None:
    """A speaker of JSON gets JSON."""
    response = await http.get("/api/v1/nothing")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
        "code": "NOT_FOUND",
    }


async def test_a_wrong_method_is_a_problem(http: httpx2.AsyncClient) -> None:
    """The methods that there are, are named."""
    response = await http.get("/api/v1/finetunings/65f0c0ffee65f0c0ffee65f0/cancel")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


async def test_the_log_names_the_operation(world: World, quick_http: httpx2.AsyncClient) -> None:
    """And no more of the request."""
    finetuning = await broken(world)
    query = "query Look($id: ID!) { finetuning(id: $id) { aliasOfMine: id } }"
    with capture_logs(processors=[merge_contextvars]) as logs:
        await quick_http.post("/graphql", json={"query": query, "variables": {"id": str(finetuning.id)}})
        await quick_http.post(f"/api/v1/finetunings/{finetuning.id}/cancel", json={})
    of_graphql, of_rest = (line for line in logs if line["log_level"] == "error")
    assert of_graphql["operation"] == "Look"
    assert "aliasOfMine" not in str({**of_graphql, "exc_info": None})
    assert "operation" not in of_rest


@pytest.mark.parametrize(("status", "after_s"), [(400, None), (500, None), (503, "5")])
def test_who_may_come_back_is_told_when(status: int, after_s: str | None) -> None:
    """In seconds, if asking again can help."""
    assert problem(status, code="X", detail="x").headers.get("Retry-After") == after_s
