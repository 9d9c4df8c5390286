"""The main job over GraphQL, the same for each provider.

It creates, watches, cancels, deletes and lists.
"""

import asyncio
import json
from dataclasses import dataclass
from uuid import uuid4

from tests.gateways.upstream import Upstream
from tests.processes.client import FINETUNING, Answer, Client
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import eventually
from tests.providers.openai.test_webhooks import SECRET, headers_of

EPOCHS = 7
"""Not the default, so a gateway cannot lose it unseen."""
LOOKS_WHEN_TOLD = PATIENT | {"sync_interval_s": 300, "openai_webhook_secret": SECRET}
"""A webhook makes the server look at a job, so the test says when."""

CREATE = f"mutation ($input: CreateFinetuningInput!) {{ createFinetuning(input: $input) {{ {FINETUNING} }} }}"
READ = f"query ($id: ID!) {{ finetuning(id: $id) {{ {FINETUNING} syncedAt }} }}"
EVENTS = "query ($id: ID!) { finetuning(id: $id) { events(first: 100) { nodes { kind message } } } }"
FOLLOW = "subscription ($id: ID!) { finetuningEvents(finetuningId: $id) { event { kind status message } } }"
BEGINNING = ["CREATED", "DATASET_PREPARED", "FILE_UPLOADED", "SUBMITTING", "JOB_ATTACHED"]
END = ["STATUS_CHANGED", "CANCEL_REQUESTED", "STATUS_CHANGED", "DELETE_REQUESTED", "DELETED"]
"""The life of a finetuning trained, cancelled and then deleted, beside the provider's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One server, with any program behind it, and the provider behind both."""

    deployment: Deployment
    client: Client
    upstream: Upstream
    keeps_metadata: bool = True

    async def travel(self) -> None:
        """Go all the way, and check each step here and at the provider."""
        connection = await self.client.connection()
        cancelled = await self.training(connection)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self.follow(cancelled["id"]))
            await self.cancel(cancelled)
            await self.delete_while_training(connection)
            succeeded = await self.succeed(connection)
            await self.check_list({cancelled["id"]: "CANCELLED", succeeded["id"]: "SUCCEEDED"})
            await self.read_log(cancelled)
            await self.client.delete(cancelled["id"])
        await self.check_watched(watching.result(), job_id=cancelled["finetuningJobId"])
        await self.check_list({succeeded["id"]: "SUCCEEDED"})
        assert await self.upstream.live_jobs() == []
        assert len(await self.upstream.jobs()) == 3

    async def training(self, connection: str) -> Answer:
        """Create a finetuning, and return it in training with the ordered parameters."""
        described = {"dbConnectionId": connection, "baseLlm": {"modelParameters": {"nEpochs": EPOCHS}}}
        created = await self.client.ask(CREATE, input=described)
        running = await self.looked_at_until(created["id"], "RUNNING")
        job = await self.upstream.job(running["finetuningJobId"])
        assert (job["status"], job["training_file"]) == ("running", running["finetuningFileId"]), job
        assert job["method"]["supervised"]["hyperparameters"]["n_epochs"] == EPOCHS
        return running

    async def cancel(self, training: Answer) -> None:
        """Cancel a training; the answer is true, and the same when it is asked for again."""
        answer = await self.client.cancel(training["id"])
        assert (answer["status"], answer["error"]) == ("CANCELLED", "Fine tuning cancelled by the user")
        assert (answer["cancellation"]["phase"], answer["cancellation"]["attempts"]) == ("CONFIRMED", 1)
        assert (await self.upstream.job(training["finetuningJobId"]))["status"] == "cancelled"
        assert await self.upstream.live_jobs() == []
        assert await self.client.cancel(training["id"]) == answer

    async def delete_while_training(self, connection: str) -> None:
        """Delete a training: it is gone only when the provider has stopped it."""
        training = await self.training(connection)
        await self.client.delete(training["id"])
        assert (await self.upstream.job(training["finetuningJobId"]))["status"] == "cancelled"

    async def succeed(self, connection: str) -> Answer:
        """Let one come to its end, and return it with its model."""
        training = await self.training(connection)
        self.upstream.finish(training["finetuningJobId"])
        succeeded = await self.looked_at_until(training["id"], "SUCCEEDED")
        job = await self.upstream.job(training["finetuningJobId"])
        assert (job["status"], job["fine_tuned_model"]) == ("succeeded", succeeded["modelId"])
        return succeeded

    async def looked_at_until(self, finetuning_id: str, status: str) -> Answer:
        """Let the server look at the job up to this status of the finetuning, and return it."""

        async def looked_at_first() -> Answer | None:
            finetuning: Answer = await self.client.ask(READ, id=finetuning_id)
            assert finetuning["error"] is None, finetuning
            return finetuning if finetuning["syncedAt"] else None

        finetuning = await eventually(looked_at_first)
        while finetuning["status"] != status:
            finetuning = await self.looked_at(finetuning)
        return finetuning

    async def looked_at(self, finetuning: Answer) -> Answer:
        """Let the server look at the job one time, and return its finetuning afterwards."""
        event = {"type": "fine_tuning.job.succeeded", "data": {"id": finetuning["finetuningJobId"]}}
        body = json.dumps(event).encode()
        headers = headers_of(body, webhook_id=f"evt_{uuid4().hex}")
        url = f"{self.client.url}/webhooks/openai"
        response = await self.client.http.post(url, content=body, headers=headers)
        assert response.status_code == 204

        async def after() -> Answer | None:
            now: Answer = await self.client.ask(READ, id=finetuning["id"])
            return now if now["syncedAt"] != finetuning["syncedAt"] else None

        return await eventually(after)

    async def read_log(self, ended: Answer) -> None:
        """Read the provider's log of the ended job to its end, by a server with frequent reads."""
        self.deployment.settings |= {"sync_interval_s": 0.2}
        await self.deployment.start()
        lines = await self.upstream.log(ended["finetuningJobId"])

        async def complete() -> bool | None:
            nodes = (await self.client.ask(EVENTS, id=ended["id"]))["events"]["nodes"]
            told = [node["message"] for node in nodes if node["kind"].startswith("PROVIDER_")]
            return True if sorted(told) == sorted(lines) else None

        await eventually(complete)

    async def follow(self, finetuning_id: str) -> list[Answer]:
        """Return every event of the finetuning to its deletion, as an event stream tells them."""
        payload = {"query": FOLLOW, "variables": {"id": finetuning_id}}
        accept = {"Accept": "text/event-stream"}
        url = f"{self.client.url}/graphql"
        async with self.client.http.stream("POST", url, json=payload, headers=accept) as response:
            lines = [line async for line in response.aiter_lines()]
        told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        assert lines[-3:-1] == ["event: complete", "data:"]
        return [one["data"]["finetuningEvents"]["event"] for one in told]

    async def check_watched(self, events: list[Answer], *, job_id: str) -> None:
        """Check that nothing of the life is missing, and nothing is there twice."""
        ours = [event for event in events if not event["kind"].startswith("PROVIDER_")]
        told = [event["message"] for event in events if event["kind"].startswith("PROVIDER_")]
        assert told == await self.upstream.log(job_id)
        assert [event["status"] for event in ours if event["status"]] == ["QUEUED", "RUNNING", "CANCELLED"]
        lost = [] if self.keeps_metadata else ["MARKS_LOST"]
        assert [event["kind"] for event in ours] == [*BEGINNING, *lost, *END], ours

    async def check_list(self, expected: dict[str, str]) -> None:
        """Check that there are no others."""
        assert {one["id"]: one["status"] for one in await self.client.list()} == expected
