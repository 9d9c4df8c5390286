"""OpenAI's published description, checked on the wire.

Prism stands between the server and the stand-in, and refuses everything outside of the description. The
stand-in's clock and jobs are the test's own; Prism gets the description as it was published.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphql_api.sandbox.faults import Lie
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.gateways.journey import Journey
from tests.gateways.third_party import ThirdParty, running
from tests.gateways.upstream import Upstream
from tests.processes.command import API_KEY
from tests.processes.deployment import Deployment
from tests.processes.patience import until
from tests.sandbox.openai.published import DESCRIPTION

REASON = re.compile(r".* terminated with error: (?:\S+#)?(\w+).*")
"""How Prism says that it refused something, or that the stand-in did not answer."""


@pytest.fixture
async def prism(packages: Path, deployment: Deployment, tmp_path: Path) -> AsyncIterator[ThirdParty]:
    """Yield the proxy in front of the sandbox."""
    cli = packages / "@stoplight/prism-cli/dist/index.js"
    options = ("--errors", "--host", "127.0.0.1", "--port", "0")
    async with running(
        "node", cli, "proxy", DESCRIPTION, deployment.provider.base_url, *options, directory=tmp_path
    ) as prism:
        yield prism


def complaints(prism: ThirdParty) -> list[str]:
    """Return the warnings and errors that Prism has printed, each behind a sign of its own."""
    signed = [line for line in prism.output.splitlines() if {"⚠", "✖"} & set(line)]
    return [REASON.sub(r"\1", line) for line in signed]


async def has_complained(prism: ThirdParty, *expected: str) -> None:
    """Wait for this number of complaints of Prism, printed after its answer, and check them."""
    await until(lambda: len(complaints(prism)) >= len(expected))
    assert complaints(prism) == list(expected)


async def test_the_main_job_is_valid(prism: ThirdParty, deployment: Deployment) -> None:
    """Create, watch, cancel, delete and list: each request of the server, and each answer."""
    base_url = await prism.url()
    deployment.settings |= {"openai_base_url": base_url}
    journey = Journey(
        deployment=deployment,
        client=await deployment.start(),
        upstream=Upstream(
            http=deployment.http,
            base_url=deployment.provider.base_url,
            finish=deployment.sandbox.account.finish_job,
        ),
    )
    await journey.travel()
    await deployment.http.get(f"{base_url}/nowhere")
    await has_complained(prism, "NO_PATH_MATCHED_ERROR")


async def test_what_is_not_described_is_found_out(prism: ThirdParty, deployment: Deployment) -> None:
    """A request with an empty suffix never reaches the stand-in, an empty job never the server."""
    url = f"{await prism.url()}/fine_tuning/jobs"
    key = {"Authorization": f"Bearer {API_KEY}"}
    body = {"model": "a-model", "training_file": "file-1", "suffix": ""}
    asked = await deployment.http.post(url, json=body, headers=key)
    assert (asked.status_code, deployment.sandbox.calls.find()) == (422, [])
    deployment.fault(Fault(kind=FaultKind.LIE, lie=Lie.EMPTY, operation="jobs.retrieve"))
    told = await deployment.http.get(f"{url}/ftjob-1", headers=key)
    assert (told.status_code, len(deployment.sandbox.calls.find("jobs.retrieve"))) == (500, 1)
    assert "must have required property 'id'" in told.text
    await has_complained(prism, "UNPROCESSABLE_ENTITY", "VIOLATIONS")


async def test_what_is_looked_for_is_valid(prism: ThirdParty, deployment: Deployment) -> None:
    """Searches for a file and a job after a lost answer are as described, too, and find them."""
    deployment.settings |= {"openai_base_url": await prism.url()}
    for operation in ("files.create", "jobs.create"):
        deployment.fault(Fault(kind=FaultKind.RESET, operation=operation, applied=True))
    client = await deployment.start()
    training = await deployment.training(client, await client.connection())
    assert [job.id for job in deployment.live_jobs()] == [training["finetuningJobId"]]
    assert len(deployment.training_files()) == 1
    assert {"files.list", "jobs.list"} <= {call.operation for call in deployment.sandbox.calls.find()}
    await has_complained(prism, "FetchError", "FetchError")
