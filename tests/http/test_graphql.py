"""The GraphQL endpoint: what it takes, what it refuses, and the code of every error."""

from typing import Any

import httpx2
import pytest

from tests.http.conftest import raw
from tests.world import World

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"
LIST = "query List($first: Int) { finetunings(first: $first) { nodes { id } } }"
LOOK = "query Look($id: ID!) { finetuning(id: $id) { id } }"
CREATE = "mutation Create($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id } }"
LITERAL = "{ finetunings(first: %s) { nodes { id } } }"
MANY = "9" * 5000


BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "null": (b"null", "The JSON must be an object."),
    "number": (b"1", "The JSON must be an object."),
    "string": (b'"x"', "The JSON must be an object."),
    "list": (b"[]", "The JSON must be an object."),
    "batch": (b'[{"query": "{__typename}"}]', "The JSON must be an object."),
    "bad_utf_8": (b'{"query": "\xff"}', "The JSON is malformed: "),
    "nan": (b'{"query": NaN}', "The JSON is malformed: "),
    "lone_surrogate": (b'{"query": "\\ud800"}', "The JSON is malformed: "),
    "deep_list": (b"[" * 5000, "The JSON is malformed: "),
    "deep_object": (b'{"a":' * 5000, "The JSON is malformed: "),
    "5000_digits": (b'{"query": %s}' % MANY.encode(), "The JSON is malformed: "),
    "empty": (b"", "The JSON is malformed: "),
    "no_query": (b"{}", "No GraphQL query found in the request"),
    "null_query": (b'{"query": null}', "No GraphQL query found in the request"),
    "empty_query": (b'{"query": ""}', "No GraphQL query found in the request"),
    "number_query": (b'{"query": 5}', "The GraphQL operation's `query` must be a string"),
    "list_variables": (b'{"query": "{__typename}", "variables": []}', "The GraphQL operation's `variables`"),
    "unknown_operation": (
        b'{"query": "{__typename}", "operationName": "No"}',
        'Unknown operation named "No".',
    ),
}


@pytest.mark.parametrize(("body", "message"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_body_that_is_no_request_is_refused(
    quick_http: httpx2.AsyncClient, body: bytes, message: str
) -> None:
    """As GraphQL's clients expect it: JSON with one error that has a code."""
    response = await quick_http.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/json")
    assert set(response.json()) == {"errors"}
    (error,) = response.json()["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"] == {"code": "BAD_REQUEST"}


PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
WITH_EPOCHS = (
    f'mutation {{ createFinetuning(input: {{dbConnectionId: "{UNKNOWN_ID}", '
    "baseLlm: {modelParameters: {nEpochs: %s}}}) { id } }"
)
BAD_OPERATIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "half": ("{", {}, PARSE),
    "no_graphql": ("SELECT 1", {}, PARSE),
    "too_deep": ("{a" * 3000, {}, PARSE),
    "too_long": ("{" + "__typename " * 5000 + "}", {}, PARSE),
    "unknown_field": ("{ nope }", {}, VALIDATION),
    "unknown_type": ("query($x: Nope) { finetuning(id: $x) { id } }", {}, VALIDATION),
    "no_argument": ("mutation { cancelFinetuning { id } }", {}, VALIDATION),
    "literal_of_another_type": (LITERAL % '"1"', {}, VALIDATION),
    "literal_of_5000_digits": (LITERAL % MANY, {}, VALIDATION),
    "literal_bool_for_number": (WITH_EPOCHS % "true", {}, VALIDATION),
    "chain_of_fragments": (
        "{ ...a0 } " + " ".join(f"fragment a{n} on Query {{ ...a{n + 1} }}" for n in range(500)),
        {},
        VALIDATION,
    ),
    "subscription": ("subscription { x }", {}, VALIDATION),
    "missing_variable": (LOOK, {}, INPUT),
    "null_variable": (LOOK, {"id": None}, INPUT),
    "object_for_id": (LOOK, {"id": {}}, INPUT),
    "string_for_int": (LIST, {"first": "1"}, INPUT),
    "float_for_int": (LIST, {"first": 1.5}, INPUT),
    "large_int": (LIST, {"first": 10**10}, INPUT),
    "unknown_input_field": (CREATE, {"input": {"dbConnectionId": UNKNOWN_ID, "nope": 1}}, INPUT),
    "missing_input_field": (CREATE, {"input": {}}, INPUT),
}


@pytest.mark.parametrize(("query", "variables", "code"), BAD_OPERATIONS.values(), ids=BAD_OPERATIONS.keys())
async def test_an_operation_that_cannot_be_run_is_told_why(
    quick_http: httpx2.AsyncClient, query: str, variables: dict[str, Any], code: str
) -> None:
    """Every error has the code of the stage at which it was found, and none of them is the server's fault."""
    response = await quick_http.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200
    assert response.json()["data"] is None
    errors = response.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {code}
    assert all(error["message"] for error in errors)


@pytest.mark.parametrize("epochs", [MANY, f'"{MANY}"', "1e400", "-1", '"NaN"'], ids=lambda given: given[:5])
async def test_a_number_out_of_range_is_bad_input(quick_http: httpx2.AsyncClient, epochs: str) -> None:
    """However it is written: the argument is named, and nothing breaks."""
    response = await quick_http.post("/graphql", json={"query": WITH_EPOCHS % epochs})
    (error,) = response.json()["errors"]
    assert error["message"] == 'nEpochs must be "auto" or a whole number from 1 to 50.'
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "nEpochs"}


async def test_bad_input_names_its_argument_and_its_path(quick_http: httpx2.AsyncClient) -> None:
    """So that a form can point at it."""
    response = await quick_http.post("/graphql", json={"query": LOOK, "variables": {"id": "x"}})
    assert response.json()["data"] == {"finetuning": None}
    (error,) = response.json()["errors"]
    assert (error["message"], error["path"]) == ("id must be an id of 24 hexadecimal digits.", ["finetuning"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "id"}


async def test_a_query_may_come_by_get(http: httpx2.AsyncClient) -> None:
    """With its variables as JSON."""
    response = await http.get("/graphql", params={"query": LIST, "variables": '{"first": 1}'})
    assert (response.status_code, response.json()) == (200, {"data": {"finetunings": {"nodes": []}}})


@pytest.mark.parametrize("variables", ['{"first": ', "[1]", "NaN"])
async def test_bad_variables_by_get_are_refused(quick_http: httpx2.AsyncClient, variables: str) -> None:
    """They have to be a JSON object."""
    response = await quick_http.get("/graphql", params={"query": LIST, "variables": variables})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_mutation_by_get_is_refused(world: World, http: httpx2.AsyncClient) -> None:
    """A link must not cancel anything."""
    queued = await world.create()
    before = await raw(world, queued)
    query = f'mutation {{ cancelFinetuning(finetuningId: "{queued.id}") {{ id }} }}'
    response = await http.get("/graphql", params={"query": query})
    assert response.status_code == 400
    assert response.json() == {
        "errors": [
            {"message": "mutations are not allowed when using GET", "extensions": {"code": "BAD_REQUEST"}}
        ]
    }
    assert await raw(world, queued) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(quick_http: httpx2.AsyncClient, method: str) -> None:
    """The ones that work are named."""
    response = await quick_http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert response.json()["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "multipart/form-data; boundary=x",
    ],
)
async def test_other_content_types_are_refused(
    world: World, quick_http: httpx2.AsyncClient, content_type: str
) -> None:
    """A form on another site can send these without asking the browser, so they must not cancel anything."""
    queued = await world.create()
    before = await raw(world, queued)
    body = (
        b'{"query": "mutation { cancelFinetuning(finetuningId: \\"%s\\") { id } }"}' % str(queued.id).encode()
    )
    response = await quick_http.post("/graphql", content=body, headers={"content-type": content_type})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"message": "Unsupported content type", "extensions": {"code": "BAD_REQUEST"}}
    ]
    assert await raw(world, queued) == before
