"""The demo: the main job over HTTP, in print."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx2

from graphql_api.composition.resources import SANDBOX_KEY, open_resources
from graphql_api.composition.server import serving
from graphql_api.composition.settings import Settings
from graphql_api.composition.shutdown import stopped_by_signal
from graphql_api.composition.start_error import StartError
from graphql_api.sandbox.samples import sample_library

PATIENCE_S = 60
POLL_S = 0.25

CREATE_CONNECTION = """mutation ($input: CreateDbConnectionInput!) {
  createDbConnection(input: $input) { id alias dialect }
}"""
ADD_RECORDS = """mutation ($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { id promptText }
}"""
CREATE = """mutation ($input: CreateFinetuningInput!) {
  createFinetuning(input: $input) { id alias status createdAt }
}"""
WATCH = """query ($id: ID!) {
  finetuning(id: $id) { status error finetuningFileId finetuningJobId dataset { recordCount sizeBytes } }
}"""
CANCEL = """mutation ($id: ID!, $metadata: StringMap) {
  cancelFinetuning(finetuningId: $id, metadata: $metadata) {
    id alias status error
    baseLlm { modelProvider modelName modelParameters { nEpochs batchSize learningRateMultiplier } }
    finetuningFileId finetuningJobId modelId createdAt goldenRecords metadata
    cancellation { phase requestedAt confirmedAt attempts lastError }
  }
}"""
LIST = """query {
  finetunings(first: 5) { nodes { id status events(first: 20) { nodes { at kind status message } } } }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The provider of a demo: what a finetuning names, and what its stand-in shows of a job."""

    name: str
    base_llm: dict[str, str] | None
    jobs: str
    shown: Sequence[str]


PROVIDERS = {
    "openai": Provider(
        name="OpenAI",
        base_llm=None,
        jobs="/fine_tuning/jobs",
        shown=("id", "status", "model", "trained_tokens", "metadata"),
    ),
    "together": Provider(
        name="Together AI",
        base_llm={
            "modelProvider": "together",
            "modelName": "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference",
        },
        jobs="/fine-tunes",
        shown=("id", "status", "model", "model_output_name"),
    ),
}


async def demonstrate(settings: Settings, *, provider: str = "openai") -> None:
    """Run the demo to its end or to a signal; raises ``StartError`` if it fails."""
    stopped = asyncio.create_task(stopped_by_signal(within_s=settings.shutdown_s).wait())
    story = asyncio.create_task(_run_story(settings, PROVIDERS[provider]))
    await asyncio.wait({stopped, story}, return_when=asyncio.FIRST_COMPLETED)
    if stopped.done():
        story.cancel()
        await asyncio.wait({story})
        raise StartError("the demo was stopped")
    stopped.cancel()
    await story


async def _run_story(settings: Settings, provider: Provider) -> None:
    """Run the story in a temporary directory."""
    click.echo(
        f"Starting MongoDB, the {provider.name} sandbox (a stand-in: nothing is trained) and the server …"
    )
    with tempfile.TemporaryDirectory(prefix="graphql-api-demo-") as directory:
        own = {"mongodb_uri": None, "data_dir": Path(directory), "port": 0, "worker": "on"}
        settings = settings.model_copy(update=own)
        async with (
            _at_together_ai(settings, provider) as settings,
            open_resources(settings, sandbox=True) as resources,
            serving(settings, resources) as url,
            httpx2.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client,
        ):
            finetuning = await _main_job(client, f"{url}/graphql", provider)
            own_url = settings.together_base_url or resources.provider_url
            await _look_at_provider(client, f"{own_url}{provider.jobs}", finetuning, provider)
    click.secho(
        "\nDone. It was cancelled here and at the provider, and is still in the collection.", bold=True
    )


@asynccontextmanager
async def _at_together_ai(settings: Settings, provider: Provider) -> AsyncIterator[Settings]:
    """Serve the stand-in for Together AI if it is the demo's provider; yield the settings with it."""
    if provider.base_llm is None:
        yield settings
        return
    from graphql_api.sandbox.together import Sandbox, SandboxServer

    async with SandboxServer(Sandbox()) as server:
        at_stand_in = {"together_api_key": SANDBOX_KEY, "together_base_url": server.base_url}
        yield settings.model_copy(update=at_stand_in)


async def _main_job(client: httpx2.AsyncClient, url: str, provider: Provider) -> Any:
    """Create a finetuning, wait for its training, cancel it, list it, and return the cancel's answer."""
    sample = sample_library()
    described = {"alias": sample.alias, "dialect": sample.dialect, "tableSchemas": sample.table_schemas}
    connection = await _ask(client, url, "Create a database connection", CREATE_CONNECTION, input=described)
    records = [{"promptText": question, "sql": sql} for question, sql in sample.golden_records]
    added = {"dbConnectionId": connection["id"], "goldenRecords": records}
    await _ask(client, url, "Add golden records", ADD_RECORDS, input=added)
    chosen = {"dbConnectionId": connection["id"]}
    chosen |= {"baseLlm": provider.base_llm} if provider.base_llm else {}
    created = await _ask(client, url, "Create a finetuning", CREATE, input=chosen)
    await _until_running(client, url, created["id"])
    cancelled = await _ask(client, url, "Cancel it", CANCEL, id=created["id"], metadata={"reason": "demo"})
    _expect(cancelled["status"] == "CANCELLED", "the answer says CANCELLED")
    listed = await _ask(client, url, "List all finetunings", LIST)
    _expect([one["id"] for one in listed["nodes"]] == [created["id"]], "it is still in the collection")
    return cancelled


async def _until_running(client: httpx2.AsyncClient, url: str, finetuning_id: str) -> None:
    for _ in range(int(PATIENCE_S / POLL_S)):
        answer = await client.post(url, json={"query": WATCH, "variables": {"id": finetuning_id}})
        if answer.json()["data"]["finetuning"]["status"] in {"RUNNING", "FAILED"}:
            break
        await asyncio.sleep(POLL_S)
    watched = await _ask(client, url, "Wait until the provider trains it", WATCH, id=finetuning_id)
    _expect(watched["status"] == "RUNNING", "the provider is training")


async def _look_at_provider(
    client: httpx2.AsyncClient, jobs_url: str, finetuning: dict[str, Any], provider: Provider
) -> None:
    url = f"{jobs_url}/{finetuning['finetuningJobId']}"
    _title("Ask the provider itself")
    click.echo(f"GET {url}")
    headers = {"authorization": f"Bearer {SANDBOX_KEY.get_secret_value()}"}
    job = (await client.get(url, headers=headers)).json()
    _show({key: job[key] for key in provider.shown})
    _expect(job["status"] == "cancelled", "the provider's own record says cancelled")


async def _ask(client: httpx2.AsyncClient, url: str, title: str, query: str, **variables: Any) -> Any:
    """Print and send one operation, print its answer, and return its one field."""
    _title(title)
    click.echo(f"POST {url}\n{query}")
    if variables:
        _show(variables, longest=600)
    click.secho("answer", dim=True)
    answer = (await client.post(url, json={"query": query, "variables": variables})).json()
    _show(answer, longest=2400)
    _expect("errors" not in answer, "there are no errors")
    (field,) = answer["data"].values()
    return field


def _title(title: str) -> None:
    click.secho(f"\n── {title} ──", bold=True)


def _show(value: object, *, longest: int = 2400) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(text if len(text) <= longest else f"{text[:longest]} …")


def _expect(fact: bool, words: str) -> None:  # noqa: FBT001  a fact is a boolean
    if not fact:
        raise StartError(f"the demo expected that {words}")
    click.secho(f"✓ {words}", fg="green")
