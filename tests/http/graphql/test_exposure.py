"""What strangers and callers learn of a schema that is not exposed.

The table has the requests of graphql-cop's checks, with a key; each of them answers clean.
"""

import json
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from typing import Any

import httpx2
import pytest

from graphql_api.http.console import Console
from graphql_api.scopes import ALL_SCOPES
from tests.http.graphql.websocket_client import asked, connected_to
from tests.http.guarded import Guarded, guarded_server
from tests.world import World

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
CIRCLE = "__schema { types { fields { type { fields { type { fields { type { name } } } } } } } }"
HIDDEN = "This server does not show its schema."
BY_POST = "Documents are sent by POST."


def cop(selection: str) -> dict[str, object]:
    """Return the body of one operation, named as the auditor names it."""
    return {"query": f"query cop {{ {selection} }}", "operationName": "cop"}


CHECKS: Mapping[str, tuple[str, dict[str, Any], int, list[str]]] = {
    "alias overloading": (
        "POST",
        {"json": cop(" ".join(f"alias{number}: __typename" for number in range(101)))},
        200,
        ["The operation is too complex: aliases 101, at most 100 allowed."],
    ),
    "array-based query batching": (
        "POST",
        {"json": [cop("__typename")] * 10},
        400,
        ["The JSON must be an object."],
    ),
    "introspection-based circular query": ("POST", {"json": cop(CIRCLE)}, 200, [HIDDEN]),
    "directive overloading": (
        "POST",
        {"json": cop("__typename " + "@aa" * 10)},
        200,
        ["The operation is too complex: directives 10, at most 5 allowed."],
    ),
    "field duplication": (
        "POST",
        {"json": cop("__typename " * 500)},
        200,
        ["The operation is too complex: fields 500, at most 400 allowed."],
    ),
    "field suggestions": (
        "POST",
        {"json": cop("__schema { directive }")},
        200,
        [HIDDEN],
    ),
    "mutation over GET": ("GET", {"params": {"query": "mutation cop { __typename }"}}, 405, [BY_POST]),
    "GET method query support": ("GET", {"params": {"query": "query cop { __typename }"}}, 405, [BY_POST]),
    "GraphQL IDE": ("GET", {"headers": {"accept": "text/html"}}, 406, []),
    "introspection": (
        "POST",
        {"json": cop("__schema { types { name fields { name } } }")},
        200,
        [HIDDEN],
    ),
    "POST with a url-encoded query": (
        "POST",
        {"data": {"query": "query cop { __typename }"}},
        415,
        ["The body must be application/json in UTF-8."],
    ),
    "unhandled errors": (
        "POST",
        {"json": {"query": "qwerty cop { abc }", "operationName": "cop"}},
        200,
        ["Syntax Error: Unexpected Name 'qwerty'."],
    ),
}


@pytest.fixture
async def guarded(world: World) -> AsyncIterator[Guarded]:
    """Yield a server with keys as a team would start it, with no further setting."""
    async with guarded_server(world, auth=("keys",)) as server:
        yield server


async def with_key(guarded: Guarded) -> httpx2.AsyncClient:
    """Return a client with a key for everything."""
    key = await guarded.key(*ALL_SCOPES)
    return httpx2.AsyncClient(
        base_url=guarded.http.base_url,
        headers={"authorization": f"Bearer {key.text}"},
        trust_env=False,
        timeout=20,
    )


async def errors_of_a_socket(guarded: Guarded, http: httpx2.AsyncClient, query: str) -> Any:
    """Return the errors of a query over a WebSocket with the client's key."""
    key = {"Authorization": http.headers["authorization"]}
    async with connected_to(guarded.address, additional_headers=key) as socket:
        return (await asked(socket, query))[-1]


@pytest.mark.parametrize("check", CHECKS)
async def test_graphql_cops_checks_are_clean(guarded: Guarded, check: str) -> None:
    """No data, no page, and none of the schema's words that the request does not have itself."""
    method, request, status, messages = CHECKS[check]
    async with await with_key(guarded) as http:
        response = await http.request(method, "/graphql", **request)
    assert response.status_code == status
    assert "GraphiQL" not in response.text
    answer = response.json()
    assert "data" not in answer
    assert messages in ([], [error["message"] for error in answer["errors"]])
    assert not [error for error in answer["errors"] if error["extensions"].keys() & {"exception", "tracing"}]


async def test_no_answer_has_a_trace(guarded: Guarded) -> None:
    """The one check with an answer: it has its data, and nothing else."""
    async with await with_key(guarded) as http:
        response = await http.post("/graphql", json=cop("__typename"))
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "selection",
    [
        "__schema { queryType { name } }",
        '__type(name: "Finetuning") { name }',
        "viewer { tenant } ... on Query { a: __schema { queryType { name } } }",
        "...F } fragment F on Query { __schema { queryType { name } }",
    ],
)
async def test_introspection_is_refused_by_every_transport(guarded: Guarded, selection: str) -> None:
    """Under any name, in any fragment; the code is Apollo's."""
    refused = {"message": HIDDEN, "extensions": {"code": "INTROSPECTION_DISABLED"}}
    body = cop(selection)
    async with await with_key(guarded) as http:
        told = [
            (await http.post("/graphql", json=body, headers={"accept": accept})).json()
            for accept in ("application/json", "text/event-stream")
        ]
        told.append({"errors": await errors_of_a_socket(guarded, http, str(body["query"]))})
    assert [one["errors"] for one in told] == [[refused]] * 3


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ finetunin }", "Cannot query field 'finetunin' on type 'Query'."),
        ("{ viewer(tenan: 1) { tenant } }", "Unknown argument 'tenan' on field 'Query.viewer'."),
        ("query ($id: Finetunin) { viewer { tenant } }", "Unknown type 'Finetunin'."),
        ("{ viewer }", "Field 'viewer' of type 'Viewer!' must have a selection of subfields."),
        (
            "{ finetunings(filter: {statu: QUEUED}) { nodes { id } } }",
            "Expected value of type 'FinetuningFilter' not to include unknown field 'statu'.",
        ),
        (
            "{ finetunings(filter: {status: [QUEUD]}) { nodes { id } } }",
            "The value does not exist in 'FinetuningStatus' enum.",
        ),
    ],
)
async def test_no_error_of_a_document_suggests_a_name(guarded: Guarded, query: str, message: str) -> None:
    """Over HTTP and over a socket."""
    async with await with_key(guarded) as http:
        answer = (await http.post("/graphql", json={"query": query})).json()
        errors = await errors_of_a_socket(guarded, http, query)
    assert message in [error["message"] for error in answer["errors"]]
    assert "Did you mean" not in f"{answer}{errors}"
    assert [error["message"] for error in errors] == [error["message"] for error in answer["errors"]]


async def test_no_error_of_a_variable_suggests_a_name(guarded: Guarded) -> None:
    """Variables are checked later than documents, by other code."""
    query = "query ($filter: FinetuningFilter) { finetunings(filter: $filter) { nodes { id } } }"
    async with await with_key(guarded) as http:
        for value in ({"statu": "QUEUED"}, {"status": ["QUEUD"]}):
            body = {"query": query, "variables": {"filter": value}}
            (error,) = (await http.post("/graphql", json=body)).json()["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
            assert "Did you mean" not in error["message"]
            assert "statu" in error["message"].lower()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", BROWSER])
@pytest.mark.parametrize("path", ["/graphql", "/graphql?query={__typename}", "/graphql?query="])
async def test_a_document_in_a_url_is_not_run(guarded: Guarded, method: str, accept: str, path: str) -> None:
    """And there is no page to write one; the answer names the method to use."""
    async with await with_key(guarded) as http:
        response = await http.request(method, path, headers={"accept": accept})
    if method == "HEAD" and accept == "text/event-stream":
        assert response.status_code == 406
    else:
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "data" not in response.text


async def test_a_hash_in_a_url_is_run(world: World) -> None:
    """Its document came by POST, so caches of persisted queries go on working."""
    text = "{ __typename }"
    digest = sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    async with (
        guarded_server(world, auth=("keys",), persisted_queries="automatic") as guarded,
        await with_key(guarded) as http,
    ):
        await http.post("/graphql", json={"query": text, "extensions": extensions})
        by_hash = {"extensions": json.dumps(extensions)}
        response = await http.get("/graphql", params=by_hash)
        refused = await http.get("/graphql", params={**by_hash, "query": text})
    assert response.json() == {"data": {"__typename": "Query"}}
    assert refused.status_code == 405


@pytest.mark.parametrize(
    "path", ["/schema.graphql", "/graphiql/index.html", "/console", "/console/", "/console/finetunings/1"]
)
async def test_the_schemas_other_places_are_missing(guarded: Guarded, path: str) -> None:
    """The front does not name them either."""
    async with await with_key(guarded) as http:
        assert (await http.get(path)).status_code == 404
        assert (await http.get("/")).json().keys() == {"name", "version", "graphql", "health", "metrics"}
        page = await http.get("/", headers={"accept": BROWSER})
    assert "GraphiQL" not in page.text
    assert "schema" not in page.text


async def test_a_team_can_show_its_schema(world: World) -> None:
    """With a key still; the page itself needs none."""
    async with guarded_server(world, auth=("keys",), expose_schema=True) as guarded:
        page = await guarded.http.get("/graphql", headers={"accept": BROWSER})
        console = await guarded.http.get("/console/finetunings/1")
        stranger = await guarded.http.get("/schema.graphql")
        async with await with_key(guarded) as http:
            schema = await http.get("/schema.graphql")
            by_get = await http.get("/graphql", params={"query": "{ __schema { queryType { name } } }"})
            error = (await http.post("/graphql", json={"query": "{ finetunin }"})).json()["errors"][0]
    assert (page.status_code, stranger.status_code, schema.status_code) == (200, 401, 200)
    assert console.status_code == (200 if Console().is_built else 404)
    assert by_get.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    assert error["message"].endswith("Did you mean 'finetuning' or 'finetunings'?")
