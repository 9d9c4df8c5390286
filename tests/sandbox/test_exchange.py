"""The sandbox's keys: no call is carried out without the right one."""

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
