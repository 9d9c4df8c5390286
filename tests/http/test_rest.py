"""The project's specification page.

The tests hold its example, field for field, and its curl line.
"""

import asyncio
import shlex
from datetime import datetime
from http.client import HTTPConnection
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest

from graphql_api.documents import Finetuning
from tests.http.faces import CANCEL
from tests.stages import raw
from tests.world import World

CURL = """
curl -X 'POST' \\
'http://localhost/api/v1/finetunings/{finetuning_id}/cancel' \\
-H 'accept: application/json' \\
-H 'Content-Type: application/json' \\
-d '{
"finetuning_id": "finetuning-job-id"
}'
"""

CREATE = """
mutation Create($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id } }
"""


async def create_example(http: httpx2.AsyncClient, world: World) -> tuple[Finetuning, list[str]]:
    """Create the page's finetuning as a client would, from 17 of 20 golden records."""
    connection = await world.connection(golden_records=20)
    chosen = [str(one) for one in (await world.golden_record_ids(connection))[:17]]
    given = {
        "dbConnectionId": str(connection.id),
        "alias": "my_model",
        "baseLlm": {
            "modelProvider": "openai",
            "modelName": "gpt-3.5-turbo-1106",
            "modelParameters": {"nEpochs": "1"},
        },
        "goldenRecords": chosen,
    }
    response = await http.post("/graphql", json={"query": CREATE, "variables": {"input": given}})
    created = await Finetuning.get(response.json()["data"]["createFinetuning"]["id"])
    assert created is not None
    return created, chosen


async def test_the_example_of_the_page_is_answered_field_for_field(
    http: httpx2.AsyncClient, world: World
) -> None:
    """The REST answer has the page's keys and no others; the epochs given as a string are a number."""
    created, chosen = await create_example(http, world)
    response = await http.post(
        f"/api/v1/finetunings/{created.id}/cancel", json={"finetuning_id": str(created.id)}
    )
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    answer = response.json()
    assert datetime.fromisoformat(answer.pop("created_at")) == created.created_at
    assert answer == {
        "id": str(created.id),
        "alias": "my_model",
        "db_connection_id": str(created.db_connection_id),
        "status": "cancelled",
        "error": "Fine tuning cancelled by the user",
        "base_llm": {
            "model_provider": "openai",
            "model_name": "gpt-3.5-turbo-1106",
            "model_parameters": {"n_epochs": 1, "batch_size": 1, "learning_rate_multiplier": "auto"},
        },
        "finetuning_file_id": None,
        "finetuning_job_id": None,
        "model_id": None,
        "golden_records": chosen,
        "metadata": None,
    }


async def test_the_example_of_the_page_is_answered_by_graphql(http: httpx2.AsyncClient, world: World) -> None:
    """The same fields in GraphQL's spelling, and how surely it is cancelled."""
    created, chosen = await create_example(http, world)
    body = {"query": CANCEL, "variables": {"id": str(created.id), "metadata": None}}
    answer = (await http.post("/graphql", json=body)).json()["data"]["cancelFinetuning"]
    assert datetime.fromisoformat(answer.pop("createdAt")) == created.created_at
    cancellation = answer.pop("cancellation")
    assert (cancellation["phase"], cancellation["attempts"]) == ("CONFIRMED", 0)
    assert answer == {
        "id": str(created.id),
        "alias": "my_model",
        "dbConnectionId": str(created.db_connection_id),
        "status": "CANCELLED",
        "error": "Fine tuning cancelled by the user",
        "baseLlm": {
            "modelProvider": "openai",
            "modelName": "gpt-3.5-turbo-1106",
            "modelParameters": {"nEpochs": 1, "batchSize": 1, "learningRateMultiplier": "auto"},
        },
        "finetuningFileId": None,
        "finetuningJobId": None,
        "modelId": None,
        "goldenRecords": chosen,
        "metadata": None,
    }


def send_as_curl(command: str, *, port: int) -> tuple[int, dict[str, Any]]:
    """Send the very request that the command line spells, to the server on this port of localhost."""
    words = shlex.split(command.replace("\\\n", " "))
    options: dict[str, list[str]] = {"-X": [], "-H": [], "-d": []}
    (url,) = [word for word in words if word.startswith("http://")]
    for option, value in pairwise(words):
        options.get(option, []).append(value)
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = dict(header.split(": ", 1) for header in options["-H"]) | {"Host": urlsplit(url).netloc}
    connection.request(options["-X"][0], urlsplit(url).path, body=options["-d"][0], headers=headers)
    response = connection.getresponse()
    answer = orjson.loads(response.read())
    connection.close()
    return response.status, answer


async def test_the_curl_line_of_the_page_works_as_it_is_printed(
    http: httpx2.AsyncClient, world: World
) -> None:
    """With a real id in both places."""
    queued = await world.create()
    command = CURL.replace("{finetuning_id}", str(queued.id)).replace("finetuning-job-id", str(queued.id))
    port = http.base_url.port
    assert port is not None
    status, answer = await asyncio.to_thread(send_as_curl, command, port=port)
    assert status == 200
    assert (answer["id"], answer["status"]) == (str(queued.id), "cancelled")


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"metadata": null}', b'{"finetuning_id": "ID", "reason": "none", "": {}}', b" {} "],
    ids=["empty", "no_members", "null_metadata", "unknown_members", "spaces"],
)
async def test_a_body_that_says_little_is_enough(http: httpx2.AsyncClient, world: World, body: bytes) -> None:
    """The path has the id; metadata is optional, and unknown members are ignored."""
    queued = await world.create()
    content = body.replace(b"ID", str(queued.id).encode())
    response = await http.post(f"/api/v1/finetunings/{queued.id}/cancel", content=content, headers=JSON)
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert response.json()["metadata"] is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"content-type": "text/plain"}, {"content-type": "application/json; charset=latin-1"}],
    ids=["none", "text", "latin"],
)
@pytest.mark.parametrize("content", [b"", b"{}"], ids=["empty", "full"])
async def test_a_request_of_another_type_cancels_nothing(
    http: httpx2.AsyncClient, world: World, headers: dict[str, str], content: bytes
) -> None:
    """Even without a body: a page of any site can send those without asking first."""
    queued = await world.create()
    before = await raw(world, queued)
    response = await http.post(f"/api/v1/finetunings/{queued.id}/cancel", content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.json()["detail"] == "The body must be application/json in UTF-8."
    assert await raw(world, queued) == before


DIFFERS = "finetuning_id differs between the path and the body."
NOT_JSON = "The body is not JSON: "
NO_OBJECT = "The body must be a JSON object."
BAD_BODIES: dict[str, tuple[bytes, str, dict[str, str]]] = {
    "other_id": (b'{"finetuning_id": "65f0c0ffee65f0c0ffee65f0"}', DIFFERS, {"argument": "finetuning_id"}),
    "printed_id": (b'{"finetuning_id": "finetuning-job-id"}', DIFFERS, {"argument": "finetuning_id"}),
    "number_id": (b'{"finetuning_id": 1}', DIFFERS, {"argument": "finetuning_id"}),
    "null_id": (b'{"finetuning_id": null}', DIFFERS, {"argument": "finetuning_id"}),
    "list": (b"[]", NO_OBJECT, {}),
    "string": (b'"cancel"', NO_OBJECT, {}),
    "null": (b"null", NO_OBJECT, {}),
    "number": (b"1", NO_OBJECT, {}),
    "half": (b'{"finetuning_id"', NOT_JSON, {}),
    "nan": (b'{"metadata": NaN}', NOT_JSON, {}),
    "bad_utf_8": (b"\xff", NOT_JSON, {}),
    "lone_surrogate": (b'{"metadata": {"why": "\\ud800"}}', NOT_JSON, {}),
    "too_deep": (b'{"metadata": ' * 2000, NOT_JSON, {}),
    "form": (b"finetuning_id=65f0c0ffee65f0c0ffee65f0", NOT_JSON, {}),
}


@pytest.mark.parametrize(("body", "detail", "members"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_wrong_body_cancels_nothing(
    http: httpx2.AsyncClient, world: World, body: bytes, detail: str, members: dict[str, str]
) -> None:
    """It is a problem with a code, and the finetuning stays as it was."""
    queued = await world.create()
    before = await raw(world, queued)
    response = await http.post(f"/api/v1/finetunings/{queued.id}/cancel", content=body, headers=JSON)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    problem = response.json()
    assert problem.pop("detail").startswith(detail)
    assert problem == {"title": "Bad Request", "status": 400, "code": "BAD_USER_INPUT", **members}
    assert await raw(world, queued) == before
