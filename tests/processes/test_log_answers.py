"""The log of a running server answers who cancelled what, and when."""

import json
import subprocess
from datetime import UTC, datetime
from typing import Any

from tests.processes.deployment import PATIENT, Deployment


def found(deployment: Deployment, *words: str) -> list[dict[str, Any]]:
    """Return the log's lines with all these words, as ``grep`` finds them."""
    text = deployment.servers[0].stderr
    for word in words:
        grep = ["grep", "--fixed-strings", "--", word]
        text = subprocess.run(grep, input=text, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines()]


async def test_who_cancelled_what_and_when_is_a_line_of_the_log(deployment: Deployment) -> None:
    """Found by the id alone: the call, its caller and its time, and each change that it made."""
    deployment.settings |= PATIENT
    client = await deployment.start()
    training = await deployment.training(client, await client.connection())
    other = await client.create(await client.connection())
    before = datetime.now(UTC)
    answer = await client.http.post(
        f"{client.url}/graphql",
        json={
            "query": "mutation($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }",
            "variables": {"id": training["id"]},
        },
        headers={"x-request-id": "the-cancel"},
    )
    assert answer.json()["data"] == {"cancelFinetuning": {"status": "CANCELLED"}}
    (call,) = found(deployment, training["id"], '"cancelFinetuning"')
    assert {name: call[name] for name in ("event", "level", "address", "request_id", "outcome")} == {
        "event": "call",
        "level": "info",
        "address": "127.0.0.1",
        "request_id": "the-cancel",
        "outcome": "allowed",
    }
    assert (call["tenant"], call["subject"], call["code"]) == ("default", None, None)
    assert call["targets"] == [f"finetuning:{training['id']}"]
    assert before <= datetime.fromisoformat(call["timestamp"]) <= datetime.now(UTC)
    assert call["duration_ms"] > 0
    changes = found(deployment, training["id"], '"finetuning changed"')
    made = [one for one in changes if one.get("request_id") == "the-cancel"]
    assert [one["change"] for one in made] == ["cancel_requested", "status_changed"]
    assert (made[-1]["status"], made[-1]["cancel"]) == ("cancelled", "confirmed")
    stored = await deployment.stored(training["id"])
    told = sorted(one["change"] for one in changes)  # a line may come behind that of the worker's next change
    assert told == sorted(entry["kind"] for entry in stored["timeline"])
    assert found(deployment, other["id"], '"created"')


async def test_many_cancels_are_told_one_by_one(deployment: Deployment) -> None:
    """Each once, even if they are asked for again; a dry run is told as one, and changes nothing."""
    deployment.settings |= {**PATIENT, "worker": "off"}
    client = await deployment.start()
    connection = await client.connection()
    ids = [(await client.create(connection))["id"] for _ in range(3)]
    cancel = "cancelFinetunings(finetuningIds: $ids, dryRun: $dry) { count }"
    for dry in (True, False, False):
        asked = f"mutation($ids: [ID!], $dry: Boolean!) {{ {cancel} }}"
        assert await client.ask(asked, ids=ids, dry=dry) == {"count": 3}
    calls = found(deployment, '"cancelFinetunings"')
    assert [(one["is_dry_run"], one["target_count"]) for one in calls] == [(True, 3), (False, 3), (False, 3)]
    for one in ids:
        changes = found(deployment, one, '"finetuning changed"')
        assert [line["change"] for line in changes] == ["created", "cancel_requested", "status_changed"]
