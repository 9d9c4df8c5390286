"""Status and media type of every GraphQL answer.

Both editions of GraphQL over HTTP are tested.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from graphql_api.sandbox.faults import Fault, FaultKind
from tests.http.conftest import quick_client_of
from tests.world import World

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
UNKNOWN = "65f0c0ffee65f0c0ffee65f0"
LOOK = "query Look($id: ID!) { finetuning(id: $id) { id } }"
CANCEL = "mutation Cancel($id: ID!) { cancelFinetuning(finetuningId: $id) { id } }"
TWO = "query A { __typename } query B { __typename }"

KINDS: dict[str, tuple[dict[str, Any], str | None, tuple[int, int, int]]] = {
    "data": ({"query": "{ __typename }"}, None, (200, 200, 200)),
    "null": ({"query": LOOK, "variables": {"id": UNKNOWN}}, None, (200, 200, 200)),
    "partial": ({"query": LOOK, "variables": {"id": "x"}}, "BAD_USER_INPUT", (200, 294, 294)),
    "failed": ({"query": CANCEL, "variables": {"id": UNKNOWN}}, "FINETUNING_NOT_FOUND", (200, 294, 294)),
    "no_graphql": ({"query": "{"}, "GRAPHQL_PARSE_FAILED", (200, 400, 400)),
    "invalid": ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED", (200, 400, 422)),
    "subscription": ({"query": "subscription { x }"}, "BAD_REQUEST", (400, 400, 400)),
    "which": ({"query": TWO}, "OPERATION_RESOLUTION_FAILURE", (200, 400, 422)),
    "unknown": ({"query": TWO, "operationName": "C"}, "OPERATION_RESOLUTION_FAILURE", (200, 400, 422)),
    "none": (
        {"query": "fragment F on Query { __typename }"},
        "OPERATION_RESOLUTION_FAILURE",
        (200, 400, 422),
    ),
    "no_variable": ({"query": LOOK}, "BAD_USER_INPUT", (200, 400, 422)),
    "null_variable": ({"query": LOOK, "variables": {"id": None}}, "BAD_USER_INPUT", (200, 400, 422)),
}
"""Of each kind a request, its errors' code, and its status as JSON, as GraphQL, and in the 2026 edition."""
RAN = {"data", "null", "partial", "failed"}


@pytest.fixture
async def http_2026(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of an application that answers by the edition of September 2026."""
    async with quick_client_of(world, graphql_http_edition="2026-09") as http:
        yield http


async def answer_of(http: httpx2.AsyncClient, kind: str, accept: str) -> int:
    """Ask, check media type and body, and return the status."""
    body, code, _ = KINDS[kind]
    response = await http.post("/graphql", json=body, headers={"accept": accept})
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    assert ("data" in response.json()) == (kind in RAN)
    assert [error["extensions"]["code"] for error in response.json().get("errors", [])] == (
        [code] if code else []
    )
    return response.status_code


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_has_its_status(
    quick_http: httpx2.AsyncClient, http_2026: httpx2.AsyncClient, kind: str
) -> None:
    """JSON says all in the body, for clients that read nothing else; the GraphQL type in the status, too."""
    as_json, as_graphql, in_2026 = KINDS[kind][2]
    assert await answer_of(quick_http, kind, JSON) == as_json
    assert await answer_of(quick_http, kind, GRAPHQL) == as_graphql
    assert await answer_of(http_2026, kind, JSON) == as_json
    assert await answer_of(http_2026, kind, GRAPHQL) == in_2026


async def test_an_operation_over_its_time_has_its_status(world: World) -> None:
    """Proxies and clients do not take it for a refusal: what it began may be recorded."""
    finetuning = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    asked = {"query": CANCEL, "variables": {"id": str(finetuning.id)}}
    async with quick_client_of(world, operation_timeout_s=0.5) as http:
        answer = await http.post("/graphql", json=asked, headers={"accept": GRAPHQL})
    assert answer.status_code == 504
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["OPERATION_TIMED_OUT"]


ILL_FORMED: dict[str, tuple[bytes, int]] = {
    "no_json": (b"NONSENSE", 400),
    "no_object": (b"[]", 422),
    "typing_error": (b'{"qeury": "{__typename}"}', 422),
    "wrong_type": (b'{"query": "{__typename}", "variables": [7]}', 422),
}


@pytest.mark.parametrize(("body", "status"), ILL_FORMED.values(), ids=ILL_FORMED.keys())
async def test_what_is_no_request_has_its_status(
    quick_http: httpx2.AsyncClient, http_2026: httpx2.AsyncClient, body: bytes, status: int
) -> None:
    """In any media type; the code is the same in both editions."""
    for http, expected in ((quick_http, 400), (http_2026, status)):
        for accept in (JSON, GRAPHQL):
            headers = {"accept": accept, "content-type": JSON}
            response = await http.post("/graphql", content=body, headers=headers)
            assert (response.status_code, response.headers["content-type"]) == (
                expected,
                f"{accept}; charset=utf-8",
            )
            assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_the_edition_of_2026_keeps_the_statuses_of_http(http_2026: httpx2.AsyncClient) -> None:
    """405 with the allowed methods, 406, 415; and it ignores unknown members."""
    accept = {"accept": GRAPHQL}
    by_get = await http_2026.get("/graphql", params={"query": "mutation { __typename }"}, headers=accept)
    assert (by_get.status_code, by_get.headers["allow"]) == (405, "POST")
    deleted = await http_2026.delete("/graphql", headers=accept)
    assert (deleted.status_code, deleted.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    as_form = await http_2026.post("/graphql", data={"query": "{__typename}"}, headers=accept)
    assert as_form.status_code == 415
    unknown = await http_2026.post("/graphql", json={"query": "{__typename}", "more": 1}, headers=accept)
    assert unknown.status_code == 200
    unwanted = await http_2026.post(
        "/graphql", json={"query": "{__typename}"}, headers={"accept": "image/png"}
    )
    assert unwanted.status_code == 406


async def test_what_cannot_be_answered_is_not_run(world: World, http: httpx2.AsyncClient) -> None:
    """Nothing that is served is acceptable, so nothing happens."""
    queued = await world.create()
    body = {"query": CANCEL, "variables": {"id": str(queued.id)}}
    response = await http.post("/graphql", json=body, headers={"accept": "text/csv, image/*;q=0.5"})
    assert (response.status_code, response.headers["content-type"]) == (
        406,
        "application/json; charset=utf-8",
    )
    assert response.json() == {
        "errors": [
            {
                "message": f"The answer is {JSON} or {GRAPHQL} or text/event-stream.",
                "extensions": {"code": "NOT_ACCEPTABLE"},
            }
        ]
    }
    assert (await world.read(queued)).cancellation is None


async def test_of_several_operations_none_is_guessed(world: World, http: httpx2.AsyncClient) -> None:
    """The first one would be as good as any, and may be a mutation."""
    queued = await world.create()
    query = (
        f'mutation A {{ cancelFinetuning(finetuningId: "{queued.id}") {{ id }} }} query B {{ __typename }}'
    )
    response = await http.post("/graphql", json={"query": query})
    assert response.json() == {
        "errors": [
            {
                "message": "The document has several operations: name one of them in `operationName`.",
                "extensions": {"code": "OPERATION_RESOLUTION_FAILURE"},
            }
        ]
    }
    assert (await world.read(queued)).cancellation is None
    named = await http.post("/graphql", json={"query": query, "operationName": "B"})
    assert named.json() == {"data": {"__typename": "Query"}}


async def test_errors_come_first(quick_http: httpx2.AsyncClient) -> None:
    """A reader of the answer sees them first."""
    response = await quick_http.post("/graphql", json={"query": LOOK, "variables": {"id": "x"}})
    assert list(response.json()) == ["errors", "data"]


async def test_a_browser_gets_a_page(quick_http: httpx2.AsyncClient) -> None:
    """It asks for no query; a program asking for anything is told of the missing part."""
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = await quick_http.get("/graphql", headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    asked = await quick_http.get("/graphql", params={"query": "{ __typename }"}, headers=browser)
    assert asked.json() == {"data": {"__typename": "Query"}}
    program = await quick_http.get("/graphql")
    assert (program.status_code, program.json()["errors"][0]["message"]) == (400, "There is no `query`.")


async def test_a_subscription_is_not_answered_with_one_response(quick_http: httpx2.AsyncClient) -> None:
    """It would never end; the client is told so."""
    response = await quick_http.post("/graphql", json={"query": "subscription { x }"})
    assert response.status_code == 400
    message = "Subscriptions are not answered with a single response."
    assert response.json() == {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}
