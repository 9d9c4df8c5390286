"""A key inside good answers: a provider may quote it in the reason of a failed job."""

from collections.abc import Mapping

import pytest

from graphql_api.providers.port import FINETUNING_ID_KEY
from tests.providers.openai.wire import job, provider_at
from tests.providers.raw_server import RawServer, answer

KEY = "Zq7-pLm4_tRv9"
QUOTED = f"the key {KEY[:9]} is revoked"
HIDDEN = "the key [hidden] is revoked"
FAILED = {
    "metadata": {FINETUNING_ID_KEY: "f"},
    "status": "failed",
    "error": {"code": "e", "message": QUOTED, "param": None},
}
FILE = {
    "object": "file",
    "id": "file-1",
    "status": "error",
    "status_details": QUOTED,
    "filename": "f",
    "purpose": "fine-tune",
    "created_at": 1,
    "bytes": 1,
}
EVENTS = {
    "object": "list",
    "data": [
        {"object": "fine_tuning.job.event", "id": "e-1", "created_at": 1, "level": "info", "message": QUOTED}
    ],
    "has_more": False,
}
LIST: Mapping[str, object] = {"object": "list", "data": [job(**FAILED)], "has_more": False}


@pytest.mark.parametrize("by", ["retrieve", "cancel", "find", "list"])
async def test_the_reason_of_a_job_has_no_part_of_the_key(by: str) -> None:
    """By each call that reads jobs; ids stay as they are."""
    body = job(**FAILED) if by in ("retrieve", "cancel") else LIST
    async with RawServer(answer(200, body)).running() as server, provider_at(server.url, key=KEY) as provider:
        if by == "retrieve":
            found = await provider.retrieve_job("ftjob-1")
        elif by == "cancel":
            found = await provider.cancel_job("ftjob-1")
        elif by == "find":
            (found,) = await provider.find_jobs(finetuning_id="f", training_file_ids=["file-1"])
        else:
            (found,) = [one async for one in provider.list_jobs()]
    assert (found.id, found.error) == ("ftjob-1", HIDDEN)


async def test_the_reason_of_a_file_and_the_log_of_a_job_have_none_either() -> None:
    """Both are shown to clients."""
    async with RawServer(answer(200, FILE)).running() as server, provider_at(server.url, key=KEY) as provider:
        assert (await provider.retrieve_training_file("file-1")).reason == HIDDEN
    async with (
        RawServer(answer(200, EVENTS)).running() as server,
        provider_at(server.url, key=KEY) as provider,
    ):
        (event,) = (await provider.list_job_events("ftjob-1", after=None)).events
    assert (event.id, event.message) == ("e-1", HIDDEN)
