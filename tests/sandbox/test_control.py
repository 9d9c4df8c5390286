"""The controls for an owner in another process."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from openai import APIStatusError, AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Sandbox, SandboxServer

CONTROL = {"X-Sandbox-Control": "test"}
FAULT = b'{"kind": "status", "operation": "jobs.retrieve", "status": 502}'
JSON = {"content-type": "application/json"}


@pytest.fixture
async def control(server: SandboxServer) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain client of the control endpoints."""
    async with httpx2.AsyncClient(base_url=server.root_url, headers=CONTROL) as http:
        yield http


async def test_the_banner_is_honest(job: FineTuningJob, control: httpx2.AsyncClient) -> None:
    """The banner says that this is a stand-in without any training."""
    banner = (await control.get("/sandbox")).json()
    assert "No training happens" in banner["message"]
    assert (banner["jobs"], banner["calls_seen"]) == (1, 2)


async def test_faults_are_scripted_from_outside(
    job: FineTuningJob, control: httpx2.AsyncClient, client: AsyncOpenAI
) -> None:
    """A fault that was posted is played, and dropped again on demand."""
    fault = {"kind": "status", "operation": "jobs.retrieve", "status": 502, "times": None}
    added = await control.post("/sandbox/faults", json=fault)
    assert added.status_code == 201
    assert added.json().items() >= fault.items()
    with pytest.raises(APIStatusError) as refusal:
        await client.fine_tuning.jobs.retrieve(job.id)
    assert refusal.value.status_code == 502
    assert (await control.delete("/sandbox/faults")).status_code == 204
    assert (await client.fine_tuning.jobs.retrieve(job.id)).id == job.id


@pytest.mark.parametrize("body", [{}, {"kind": "rain"}, {"kind": "status", "statsu": 404}, []])
async def test_a_misspelt_fault_is_refused(
    control: httpx2.AsyncClient, sandbox: Sandbox, body: object
) -> None:
    """An unknown fault is a 400 in OpenAI's shape, and scripts nothing."""
    answer = await control.post("/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert sandbox.faults.faults == []


async def test_calls_are_told(job: FineTuningJob, control: httpx2.AsyncClient) -> None:
    """The record can be read, whole or by operation."""
    assert [call["operation"] for call in (await control.get("/sandbox/calls")).json()] == [
        "files.create",
        "jobs.create",
    ]
    [call] = (await control.get("/sandbox/calls", params={"operation": "jobs.create"})).json()
    assert (call["number"], call["applied"], call["status"]) == (2, True, 200)
    assert call["body"]["metadata"] == {"finetuning_id": "f1"}


async def test_the_clock_is_moved_from_outside(
    job: FineTuningJob, control: httpx2.AsyncClient, client: AsyncOpenAI
) -> None:
    """A manual clock is advanced by the seconds that were posted."""
    answer = await control.post("/sandbox/clock", json={"advance_s": 2})
    assert answer.json() == {"now": 1_750_000_002}
    assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "running"


async def test_the_systems_clock_is_left_alone() -> None:
    """A sandbox on the system's clock refuses to move it."""
    async with SandboxServer(Sandbox()) as server, httpx2.AsyncClient(base_url=server.root_url) as http:
        answer = await http.post("/sandbox/clock", json={"advance_s": 2}, headers=CONTROL)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"content-type": "text/plain"}, 403, id="text"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, 403, id="form"),
        pytest.param(JSON, 403, id="no_header"),
        pytest.param({"content-type": "text/plain"} | CONTROL, 415, id="text_with_the_header"),
        pytest.param(CONTROL, 415, id="no_type"),
        pytest.param(JSON | CONTROL, 201, id="as_it_should_be"),
        pytest.param({"content-type": "application/JSON; charset=utf-8"} | CONTROL, 201, id="charset"),
    ],
)
async def test_a_page_of_another_site_scripts_nothing(
    server: SandboxServer, sandbox: Sandbox, headers: dict[str, str], status: int
) -> None:
    """It can send forms and text; a header of its own needs a permission that nobody gives."""
    async with httpx2.AsyncClient(base_url=server.root_url) as http:
        answer = await http.post("/sandbox/faults", content=FAULT, headers=headers)
        asked = await http.options("/sandbox/faults", headers={"Origin": "http://evil.example"})
    assert answer.status_code == status
    assert len(sandbox.faults.faults) == (status == 201)
    assert not [name for name in asked.headers if name.startswith("access-control")]


async def test_other_changes_want_the_header_too(
    control: httpx2.AsyncClient, server: SandboxServer, sandbox: Sandbox
) -> None:
    """The end of the faults, and the clock."""
    await control.post("/sandbox/faults", content=FAULT, headers=JSON)
    now = sandbox.account.clock.now()
    async with httpx2.AsyncClient(base_url=server.root_url) as http:
        assert (await http.delete("/sandbox/faults")).status_code == 403
        assert (await http.post("/sandbox/clock", json={"advance_s": 2})).status_code == 403
    assert len(sandbox.faults.faults) == 1
    assert sandbox.account.clock.now() == now


async def test_a_large_change_is_refused(control: httpx2.AsyncClient, sandbox: Sandbox) -> None:
    """Whether its size is announced or not."""

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    for content in (b" " * 65_537, unannounced()):
        answer = await control.post("/sandbox/faults", content=content, headers=JSON)
        assert answer.status_code == 413
    assert (
        await control.post("/sandbox/faults", content=FAULT.ljust(65_536), headers=JSON)
    ).status_code == 201
    assert len(sandbox.faults.faults) == 1
