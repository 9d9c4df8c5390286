"""The client's parts are explicit values, and its SDK is an extra."""

import logging
import subprocess
import sys

import pytest

from graphql_api.providers.together.sdk_client import TOGETHER_URL, Endpoint
from tests.providers.opening import KEY
from tests.providers.raw_server import RawServer, answer
from tests.providers.together.wire import job, provider_at

AMBIENT = {
    "TOGETHER_API_KEY": "tg-ambient",
    "TOGETHER_BASE_URL": "http://127.0.0.1:1/ambient",
    "TOGETHER_PROJECT_ID": "proj-ambient",
    "TOGETHER_CUSTOM_HEADERS": "X-Ambient: yes\nAuthorization: Bearer tg-ambient",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
}
WITHOUT_THE_EXTRA = """
import sys
sys.modules["together"] = sys.modules["httpx"] = None
import graphql_api.cli, graphql_api.composition.server
from graphql_api.providers.port import RejectedError
from graphql_api.providers.together import TogetherProvider
try:
    TogetherProvider("tg-key", None, call_timeout_s=1, upload_timeout_s=1)
except RejectedError as refused:
    print(refused)
"""
LOGGING = """
import logging
from graphql_api.providers.together import TogetherProvider
TogetherProvider("tg-key", None, call_timeout_s=1, upload_timeout_s=1)
print([logging.getLogger(name).level for name in ("together", "httpx")])
"""


async def test_nothing_of_the_environment_reaches_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor a header nor an address nor, on this host, a proxy of the environment is used."""
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    async with RawServer(answer(200, job())).running() as server, provider_at(server.url) as provider:
        await provider.retrieve_job("ft-1")
    [request] = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert "ambient" not in repr(request.headers)


@pytest.mark.parametrize(
    ("base_url", "used"),
    [
        (None, TOGETHER_URL),
        (" ", TOGETHER_URL),
        ("https://api.together.xyz/v1", "https://api.together.xyz"),
        ("https://api.together.xyz/v1/", "https://api.together.xyz"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
    ],
)
async def test_the_address_is_used_with_or_without_its_version(
    base_url: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK adds the version itself; an empty address is Together AI's own, not the environment's."""
    monkeypatch.setenv("TOGETHER_BASE_URL", "http://127.0.0.1:1/ambient")
    endpoint = Endpoint(KEY, base_url, total_s=1, connect_s=1)
    assert str(endpoint._client.base_url).rstrip("/") == used
    await endpoint.close()


def test_the_environment_does_not_let_the_sdk_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """``TOGETHER_LOG`` sets the level when the SDK is imported, after the log is configured."""
    monkeypatch.setenv("TOGETHER_LOG", "debug")
    assert run(LOGGING) == f"{[logging.WARNING] * 2}\n"


def test_the_server_starts_without_the_extra() -> None:
    """Only a provider cannot be built, and the fault says what is missing."""
    assert run(WITHOUT_THE_EXTRA) == "Together AI needs its SDK: install the package's extra 'together'\n"


def run(code: str) -> str:
    """Return what a new process prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout
