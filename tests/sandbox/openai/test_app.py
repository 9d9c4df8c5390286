"""The door of the sandbox: keys, unknown paths, and the header that says what it is."""

import httpx2
import pytest
from openai import AsyncOpenAI, AuthenticationError

from graphql_api.sandbox.openai import Sandbox, SandboxServer


async def test_an_expected_key_is_the_only_one(sandbox: Sandbox, server: SandboxServer) -> None:
    """With a key expected, any other is a 401 in OpenAI's words, and nothing is applied."""
    sandbox.api_key = "sk-right"
    async with AsyncOpenAI(api_key="sk-wrong", base_url=server.base_url, max_retries=0) as client:
        with pytest.raises(AuthenticationError) as refusal:
            await client.files.list()
        assert refusal.value.code == "invalid_api_key"
        assert sandbox.calls.find(applied=True) == []
        client.api_key = "sk-right"
        assert (await client.files.list()).data == []


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic eDp5"}])
async def test_a_key_is_needed(server: SandboxServer, headers: dict[str, str]) -> None:
    """Without a bearer key every operation is a 401."""
    async with httpx2.AsyncClient(headers=headers) as http:
        answer = await http.get(f"{server.base_url}/models")
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


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
