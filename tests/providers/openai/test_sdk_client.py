"""The client's parts.

They are explicit values, never the environment's.
"""

import pytest

from graphql_api.providers.openai.sdk_client import OPENAI_URL
from tests.providers.openai.wire import job, provider_at
from tests.providers.opening import KEY
from tests.providers.raw_server import RawServer, answer

AMBIENT = {
    "OPENAI_API_KEY": "sk-ambient",
    "OPENAI_ADMIN_KEY": "sk-ambient-admin",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/ambient",
    "OPENAI_ORG_ID": "org-ambient",
    "OPENAI_PROJECT_ID": "proj-ambient",
    "OPENAI_CUSTOM_HEADERS": "X-Ambient: yes\nAuthorization: Bearer sk-ambient",
    "OPENAI_WEBHOOK_SECRET": "whsec-ambient",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
}


async def test_nothing_of_the_environment_reaches_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor a header nor an address nor, on this host, a proxy of the environment is used."""
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.retrieve_job("ftjob-1")
    [request] = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert "ambient" not in repr(request.headers)
    assert not {"openai-organization", "openai-project", "x-ambient"} & set(request.headers)


@pytest.mark.parametrize("base_url", [None, "", "  "])
async def test_without_an_address_openai_itself_is_meant(
    base_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty address is no address, and the environment's is not taken instead."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/ambient")
    async with provider_at(base_url) as provider:
        # Looked up rather than asked: a call would need OpenAI's network.
        assert str(provider._client.base_url) == f"{OPENAI_URL}/"
