"""The door of the sandbox.

It has keys, unknown paths, and a header with its name.
"""

import httpx2
import pytest

from graphql_api.sandbox.openai import Sandbox, SandboxServer


async def test_every_answer_says_sandbox(server: SandboxServer) -> None:
    """Good answers, refusals and unknown paths carry the header."""
    async with httpx2.AsyncClient(headers={"authorization": "Bearer k"}) as http:
        answers = [
            await http.get(f"{server.root_url}{path}")
            for path in ("/v1/models", "/v1/files/x", "/x", "/sandbox")
        ]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 200]
    assert {answer.headers["x-sandbox"] for answer in answers} == {"finetuning-graphql-api"}


async def test_every_answer_has_the_id_of_its_request(sandbox: Sandbox, server: SandboxServer) -> None:
    """Each its own, good answers and refusals alike; the record of the calls names the same."""
    async with httpx2.AsyncClient(headers={"authorization": "Bearer k"}) as http:
        answers = [await http.get(f"{server.root_url}{path}") for path in ("/v1/models", "/v1/files/x", "/x")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    assert all(one.startswith("req_sandbox") for one in ids)
    assert [call.request_id for call in sandbox.calls.find()] == ids[:2]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/nothing", 404), ("PATCH", "/v1/files", 405)]
)
async def test_an_unknown_url_is_refused_in_openais_shape(
    server: SandboxServer, method: str, path: str, status: int
) -> None:
    """An unknown path or method is answered as OpenAI answers it."""
    async with httpx2.AsyncClient() as http:
        answer = await http.request(method, f"{server.root_url}{path}")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "unknown_url"
