"""Files, as the SDK sees them."""

from functools import partial
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError

from graphql_api.sandbox.openai import Fault, FaultKind, ManualClock, Sandbox, SandboxServer
from graphql_api.sandbox.openai.training import Durations
from tests.sandbox.conftest import chat_jsonl


@pytest.mark.parametrize(
    "content", [chat_jsonl(2), b"", b"\r\n--x\r\n", b"a\rb\nc\r\n\r\n", bytes(range(256)), "é✓".encode()]
)
async def test_a_file_comes_back_byte_for_byte(client: AsyncOpenAI, content: bytes) -> None:
    """The upload is described by its size and downloaded unchanged."""
    file = await client.files.create(file=("näme.jsonl", content), purpose="fine-tune")
    assert file.id.startswith("file-sandbox")
    assert (file.bytes, file.filename, file.purpose) == (len(content), "näme.jsonl", "fine-tune")
    assert await client.files.retrieve(file.id) == file
    assert (await client.files.content(file.id)).content == content


async def test_a_deleted_file_is_gone(client: AsyncOpenAI) -> None:
    """A deleted file is neither found nor deleted again."""
    file = await client.files.create(file=("f", b"x"), purpose="fine-tune")
    assert (await client.files.delete(file.id)).deleted is True
    for operation in (client.files.retrieve, client.files.delete, client.files.content):
        with pytest.raises(NotFoundError):
            await operation(file.id)
    assert (await client.files.list()).data == []


async def test_an_unknown_purpose_is_refused(client: AsyncOpenAI) -> None:
    """A purpose unknown to OpenAI is a 400 with the name of the field."""
    with pytest.raises(BadRequestError) as refusal:
        await client.files.create(file=("f", b"x"), purpose="fun")  # type: ignore[arg-type] # the point of it
    assert refusal.value.param == "purpose"


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"files": {"purpose": (None, "fine-tune")}}, "file"),
        ({"files": {"file": ("f", b"x")}}, "purpose"),
        ({"json": {"purpose": "fine-tune"}}, "file"),
    ],
)
async def test_an_upload_needs_its_fields(server: SandboxServer, form: dict[str, Any], param: str) -> None:
    """An upload without a file or a purpose is a 400 with the missing name."""
    async with httpx2.AsyncClient(headers={"authorization": "Bearer k"}) as http:
        answer = await http.post(f"{server.base_url}/files", **form)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_a_file_can_take_time_to_be_processed(
    client: AsyncOpenAI, unchecked: AsyncOpenAI, sandbox: Sandbox, clock: ManualClock
) -> None:
    """With ``processing_s`` no job is made of it before; the refusal says that it is not ready."""
    sandbox.account.durations = Durations(processing_s=5)
    content = chat_jsonl(12)
    file = await unchecked.files.create(file=("t.jsonl", content), purpose="fine-tune")
    assert str(file.status) == "pending"
    create = partial(client.fine_tuning.jobs.create, model="gpt-4o-mini-2024-07-18", training_file=file.id)
    with pytest.raises(BadRequestError, match=f"The file {file.id} is not ready: its status is pending."):
        await create()
    clock.advance(5)
    assert (await client.files.retrieve(file.id)).status == "processed"
    assert (await create()).training_file == file.id


async def test_a_file_can_come_to_nothing(client: AsyncOpenAI, sandbox: Sandbox) -> None:
    """Its status and the reason tell it, and no job is made of it."""
    sandbox.faults.add(Fault(kind=FaultKind.FILE_UNUSABLE, operation="files.create"))
    file = await client.files.create(file=("t.jsonl", chat_jsonl(12)), purpose="fine-tune")
    assert (file.status, file.status_details) == ("error", "The file could not be read.")
    with pytest.raises(BadRequestError, match="its status is error"):
        await client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)


async def test_a_file_can_stay_uploaded_in_words(client: AsyncOpenAI, sandbox: Sandbox) -> None:
    """An endpoint may never say that a file is processed, and take it all the same."""
    sandbox.faults.add(Fault(kind=FaultKind.UPLOADED_SAID, times=None))
    file = await client.files.create(file=("t.jsonl", chat_jsonl(12)), purpose="fine-tune")
    assert (await client.files.retrieve(file.id)).status == "uploaded"
    await client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)
