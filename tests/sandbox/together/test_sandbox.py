"""The sandbox's parts, and its shared machinery."""

import httpx2
import pytest

from graphql_api.providers.port import CredentialsError
from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.together import Account, Sandbox, SandboxServer
from tests.providers.together.wire import provider_at


def test_the_key_is_not_shown() -> None:
    """The text of a sandbox leaves it out."""
    assert "tg-secret" not in repr(Sandbox(api_key="tg-secret"))


async def test_only_the_expected_key_is_accepted() -> None:
    """And the calls are on record, with nothing of them applied."""
    sandbox = Sandbox(api_key="tg-right")
    async with SandboxServer(sandbox) as server, provider_at(server.base_url, key="tg-wrong") as provider:
        with pytest.raises(CredentialsError):
            await provider.retrieve_job("ft-1")
    assert len(sandbox.calls.find("jobs.retrieve")) == 1
    assert sandbox.calls.find(applied=True) == []


async def test_the_controls_are_those_of_every_sandbox() -> None:
    """The banner has the provider's name, and faults and the clock are set from outside."""
    sandbox = Sandbox(account=Account(clock=ManualClock()))
    control = {"x-sandbox-control": "test"}
    async with SandboxServer(sandbox) as server, httpx2.AsyncClient(base_url=server.root_url) as http:
        banner = (await http.get("/sandbox")).json()
        fault = {"kind": "status", "status": 503, "operation": "jobs.list"}
        await http.post("/sandbox/faults", json=fault, headers=control)
        refused = await http.get("/v1/fine-tunes", headers={"authorization": "Bearer k"})
        before = sandbox.account.clock.now()
        await http.post("/sandbox/clock", json={"advance_s": 5}, headers=control)
        assert sandbox.account.clock.now() == before + 5
    assert banner["message"] == "A stand-in for Together AI's fine-tuning API. No training happens in it."
    assert refused.status_code == 503


def test_nothing_outlives_the_process() -> None:
    """Saving keeps nothing, and another sandbox has an account of its own."""
    sandbox = Sandbox()
    sandbox.save()
    assert Sandbox().account is not sandbox.account
