"""The client's parts.

They are explicit values, never the environment's.
"""

import pytest
from pydantic import SecretStr

from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.openai.sdk_client import OPENAI_URL
from graphql_api.providers.port import CredentialsError, ProviderFault, RejectedError
from tests.providers.openai.raw_server import RawServer, answer
from tests.providers.openai.wire import KEY, job, provider_at

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


@pytest.mark.parametrize(
    "base_url",
    [
        "ftp://x/v1",
        "api.openai.com/v1",
        "http://",
        "not a url",
        "//x/v1",
        "http://x:port/v1",
        "https://x/v1?api-version=preview",
        "https://x/v1#top",
        "https://user:password@x/v1",
        "http://[::1/v1",
        "\x00",
    ],
)
async def test_an_address_that_no_request_could_use_is_rejected_at_once(base_url: str) -> None:
    """A wrong address is told when the provider is built, not hours later."""
    with pytest.raises(RejectedError) as caught:
        OpenAIProvider(KEY, base_url, call_timeout_s=1, upload_timeout_s=1)
    assert caught.value.message == "The provider's base URL is not a plain http:// or https:// address"


@pytest.mark.parametrize("key", ["", "  ", "sk-ключ", "sk-a\nb", "sk-\x00"])
async def test_a_key_that_no_header_could_carry_is_refused_at_once(key: str) -> None:
    """A wrong key is told when the provider is built, in words that do not repeat it."""
    with pytest.raises(ProviderFault) as caught:
        OpenAIProvider(key, None, call_timeout_s=1, upload_timeout_s=1)
    assert type(caught.value) is CredentialsError
    assert caught.value.message == "The provider's API key is empty or has characters outside printable ASCII"


async def test_a_secret_key_is_used_without_the_newline_of_its_file() -> None:
    """A key read from a file often ends in a newline."""
    async with RawServer(answer(200, job())).running() as server:
        secret = SecretStr(f"{KEY}\n")
        provider = OpenAIProvider(secret, server.url, call_timeout_s=10, upload_timeout_s=10)
        await provider.retrieve_job("ftjob-1")
        await provider.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(provider)


async def test_calls_share_one_connection() -> None:
    """The client lives as long as the provider and keeps its connection."""
    kept = answer(200, job(), headers={"connection": "keep-alive"})
    async with RawServer(kept, keeps_open=True).running() as server, provider_at(server.url) as provider:
        for _ in range(3):
            await provider.retrieve_job("ftjob-1")
    assert (len(server.requests), server.connections) == (3, 1)


async def test_closing_twice_is_no_fault() -> None:
    """The last to close finds it done."""
    async with provider_at("http://127.0.0.1:1/v1") as provider:
        await provider.close()
