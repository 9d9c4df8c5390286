"""The requests of the GraphQL endpoint.

Everything else is refused.
"""

from typing import Any

import httpx2
import pytest

from tests.stages import raw
from tests.world import World

LIST = "query List($first: Int) { finetunings(first: $first) { nodes { id } } }"
MANY = "9" * 5000
JSON = {"content-type": "application/json"}
METHODS = "GET, HEAD, POST, OPTIONS"

BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "null": (b"null", "The JSON must be an object."),
    "number": (b"1", "The JSON must be an object."),
    "string": (b'"x"', "The JSON must be an object."),
    "list": (b"[]", "The JSON must be an object."),
    "batch": (b'[{"query": "{__typename}"}]', "The JSON must be an object."),
    "odd_batch": (b"[null, 1]", "The JSON must be an object."),
    "bad_utf_8": (b'{"query": "\xff"}', "The JSON is malformed: "),
    "utf_16": ('{"query": "{__typename}"}'.encode("utf-16"), "The JSON is malformed: "),
    "nan": (b'{"query": NaN}', "The JSON is malformed: "),
    "infinity": (b'{"query": "{__typename}", "variables": {"x": -Infinity}}', "The JSON is malformed: "),
    "lone_surrogate": (b'{"query": "\\ud800"}', "The JSON is malformed: "),
    "deep_list": (b"[" * 5000, "The JSON is malformed: "),
    "deep_object": (b'{"a":' * 5000, "The JSON is malformed: "),
    "closed_deep_list": (b"[" * 5000 + b"]" * 5000, "The JSON is malformed: "),
    "5000_digits": (b'{"query": %s}' % MANY.encode(), "The JSON is malformed: "),
    "two_objects": (b"{}{}", "The JSON is malformed: "),
    "empty": (b"", "The JSON is malformed: "),
    "no_query": (b"{}", "There is no `query`."),
    "null_query": (b'{"query": null}', "There is no `query`."),
    "empty_query": (b'{"query": ""}', "There is no `query`."),
    "number_query": (b'{"query": 5}', "`query` must be a string or null."),
    "list_variables": (
        b'{"query": "{__typename}", "variables": []}',
        "`variables` must be an object or null.",
    ),
    "string_variables": (
        b'{"query": "{__typename}", "variables": "{}"}',
        "`variables` must be an object or null.",
    ),
    "number_extensions": (
        b'{"query": "{__typename}", "extensions": 1}',
        "`extensions` must be an object or null.",
    ),
    "false_operation_name": (
        b'{"query": "{__typename}", "operationName": false}',
        "`operationName` must be a string or null.",
    ),
}


@pytest.mark.parametrize(("body", "message"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_body_that_is_no_request_is_refused(
    quick_http: httpx2.AsyncClient, body: bytes, message: str
) -> None:
    """As GraphQL's clients expect it: JSON with one error that has a code, and no data."""
    response = await quick_http.post("/graphql", content=body, headers=JSON)
    assert (response.status_code, response.headers["content-type"]) == (
        400,
        "application/json; charset=utf-8",
    )
    assert set(response.json()) == {"errors"}
    (error,) = response.json()["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    "members",
    [
        {"operationName": None, "variables": None, "extensions": None},
        {"operationName": ""},
        {"variables": {}, "extensions": {"some": "value"}},
        {"variables": {"nobody": "asked"}},
        {"id": 7, "documentation": [1], "batch": {"no": "meaning"}},
    ],
    ids=["null", "empty_name", "empty", "surplus_variable", "unknown_members"],
)
async def test_what_means_nothing_is_ignored(quick_http: httpx2.AsyncClient, members: dict[str, Any]) -> None:
    """Absent, null, and members that GraphQL over HTTP does not know are all the same."""
    response = await quick_http.post("/graphql", json={"query": "{ __typename }", **members})
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


async def test_a_query_may_come_by_get(http: httpx2.AsyncClient) -> None:
    """With its variables as JSON, and an empty parameter as good as a missing one."""
    given = {"query": LIST, "variables": '{"first": 1}', "operationName": "", "extensions": ""}
    response = await http.get("/graphql", params=given)
    assert (response.status_code, response.json()) == (200, {"data": {"finetunings": {"nodes": []}}})


async def test_null_is_a_name_in_a_url(quick_http: httpx2.AsyncClient) -> None:
    """There is no JSON there for it to be anything else."""
    named = await quick_http.get(
        "/graphql", params={"query": "query null { a: __typename }", "operationName": "null"}
    )
    assert named.json() == {"data": {"a": "Query"}}
    other = await quick_http.get(
        "/graphql", params={"query": "query Q { a: __typename }", "operationName": "null"}
    )
    assert other.json()["errors"][0]["extensions"] == {"code": "OPERATION_RESOLUTION_FAILURE"}


@pytest.mark.parametrize("variables", ['{"first": ', "[1]", "NaN", '"x"'])
async def test_bad_variables_by_get_are_refused(quick_http: httpx2.AsyncClient, variables: str) -> None:
    """They have to be a JSON object."""
    response = await quick_http.get("/graphql", params={"query": LIST, "variables": variables})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_bad_extensions_by_get_are_refused(quick_http: httpx2.AsyncClient) -> None:
    """The same holds for them."""
    response = await quick_http.get("/graphql", params={"query": LIST, "extensions": "[]"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "`extensions` must be an object or null."


async def test_a_mutation_by_get_is_refused(world: World, http: httpx2.AsyncClient) -> None:
    """A link must not cancel anything; the allowed method is named."""
    queued = await world.create()
    before = await raw(world, queued)
    query = f'mutation {{ cancelFinetuning(finetuningId: "{queued.id}") {{ id }} }}'
    for method in ("GET", "HEAD"):
        response = await http.request(method, "/graphql", params={"query": query})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
    answer = (await http.get("/graphql", params={"query": query})).json()
    refused = {"message": "Mutations are run by POST alone.", "extensions": {"code": "METHOD_NOT_ALLOWED"}}
    assert answer == {"errors": [refused]}
    assert await raw(world, queued) == before


async def test_head_is_get_without_a_body(http: httpx2.AsyncClient) -> None:
    """With the very headers, as HTTP wants it."""
    got, head = [
        await http.request(method, "/graphql", params={"query": "{ __typename }"})
        for method in ("GET", "HEAD")
    ]
    assert (head.status_code, head.content) == (200, b"")
    assert got.json() == {"data": {"__typename": "Query"}}
    same = ("content-type", "content-length", "vary")
    assert [head.headers[name] for name in same] == [got.headers[name] for name in same]


async def test_options_name_the_methods(quick_http: httpx2.AsyncClient) -> None:
    """And say nothing to pages of other sites, except to the ones let in."""
    response = await quick_http.options("/graphql", headers={"origin": "https://elsewhere.example"})
    assert (response.status_code, response.headers["allow"], response.content) == (204, METHODS, b"")
    assert [name for name in response.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "QUERY", "TRACE"])
async def test_other_methods_are_refused(quick_http: httpx2.AsyncClient, method: str) -> None:
    """The ones that work are named."""
    response = await quick_http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, METHODS)
    assert response.json()["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=latin1",
        "text/plain; application/json",
        "application/jsonp",
    ],
)
async def test_other_content_types_are_refused(
    world: World, quick_http: httpx2.AsyncClient, content_type: str
) -> None:
    """A form on another site can send some without asking the browser, so they must not cancel anything."""
    queued = await world.create()
    before = await raw(world, queued)
    body = (
        b'{"query": "mutation { cancelFinetuning(finetuningId: \\"%s\\") { id } }"}' % str(queued.id).encode()
    )
    response = await quick_http.post("/graphql", content=body, headers={"content-type": content_type})
    assert response.status_code == 415
    assert response.json() == {
        "errors": [
            {
                "message": "The body must be application/json in UTF-8.",
                "extensions": {"code": "UNSUPPORTED_MEDIA_TYPE"},
            }
        ]
    }
    assert await raw(world, queued) == before


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        'application/json; charset="UTF-8"',
        "application/json;charset=utf8;x=1",
    ],
)
async def test_json_in_utf_8_is_taken(quick_http: httpx2.AsyncClient, content_type: str) -> None:
    """However it is spelt."""
    body = '{"query": "{ __type(name: \\"Läufer🏃\\") { name } }"}'.encode()
    response = await quick_http.post("/graphql", content=body, headers={"content-type": content_type})
    assert (response.status_code, response.json()) == (200, {"data": {"__type": None}})


async def test_a_compressed_body_is_refused(quick_http: httpx2.AsyncClient) -> None:
    """It could be of any size."""
    response = await quick_http.post("/graphql", content=b"x", headers={**JSON, "content-encoding": "gzip"})
    assert response.status_code == 415
    assert response.json()["errors"][0]["message"] == "The body must not be compressed."
