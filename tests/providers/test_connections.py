"""The connections of every provider: key, address and limits."""

import pytest
from pydantic import SecretStr

from graphql_api.providers.connections import connect_limit_s
from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import CredentialsError, ProviderFault, RejectedError
from graphql_api.providers.together import TogetherProvider
from tests.providers.openai.wire import job
from tests.providers.opening import KEY, Open, at_each
from tests.providers.raw_server import RawServer, answer

Kind = type[OpenAIProvider] | type[TogetherProvider]
of_each_kind = pytest.mark.parametrize("kind", [OpenAIProvider, TogetherProvider])


@of_each_kind
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
async def test_an_address_that_no_request_could_use_is_rejected_at_once(base_url: str, kind: Kind) -> None:
    """A wrong address is told when the provider is built, not hours later."""
    with pytest.raises(RejectedError) as caught:
        kind(KEY, base_url, call_timeout_s=1, upload_timeout_s=1)
    assert caught.value.message == "The provider's base URL is not a plain http:// or https:// address"


@of_each_kind
@pytest.mark.parametrize("key", ["", "  ", "sk-ключ", "sk-a\nb", "sk-\x00"])
async def test_a_key_that_no_header_could_carry_is_refused_at_once(key: str, kind: Kind) -> None:
    """A wrong key is told when the provider is built, in words that do not repeat it."""
    with pytest.raises(ProviderFault) as caught:
        kind(key, None, call_timeout_s=1, upload_timeout_s=1)
    assert type(caught.value) is CredentialsError
    assert caught.value.message == "The provider's API key is empty or has characters outside printable ASCII"


@of_each_kind
async def test_a_secret_key_is_used_without_the_newline_of_its_file(kind: Kind) -> None:
    """A key read from a file often ends in a newline."""
    async with RawServer(answer(200, job(object="fine-tune"))).running() as server:
        secret = SecretStr(f"{KEY}\n")
        provider = kind(secret, server.url, call_timeout_s=10, upload_timeout_s=10)
        await provider.retrieve_job("ftjob-1")
        await provider.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(provider)


@at_each
async def test_calls_share_one_connection(provider_at: Open) -> None:
    """The client lives as long as the provider and keeps its connection."""
    kept = answer(200, job(object="fine-tune"), headers={"connection": "keep-alive"})
    async with RawServer(kept, keeps_open=True).running() as server, provider_at(server.url) as provider:
        for _ in range(3):
            await provider.retrieve_job("ftjob-1")
    assert (len(server.requests), server.connections) == (3, 1)


@at_each
async def test_closing_twice_is_no_fault(provider_at: Open) -> None:
    """The last to close finds it done."""
    async with provider_at("http://127.0.0.1:1/v1") as provider:
        await provider.close()


@pytest.mark.parametrize(
    ("total_s", "connect_timeout_s", "limit_s"), [(20.0, 5.0, 5.0), (20.0, 10.0, 5.0), (100.0, 5.0, 5.0)]
)
def test_each_wait_for_a_connection_ends_well_before_the_call(
    total_s: float, connect_timeout_s: float, limit_s: float
) -> None:
    """A free connection, TCP and TLS together leave a quarter of the time."""
    assert connect_limit_s(total_s, connect_timeout_s=connect_timeout_s) == limit_s
