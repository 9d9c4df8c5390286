"""LiteLLM's proxy between the server and the stand-in.

It passes OpenAI's API through. ``make litellm`` makes an environment of its own for it: its pins do not go
with ours.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graphql_api.sandbox.openai import Fault, FaultKind
from tests.gateways.journey import Journey
from tests.gateways.third_party import running
from tests.gateways.upstream import Upstream
from tests.processes.command import API_KEY
from tests.processes.deployment import Deployment

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-litellm"
STAMP = ENVIRONMENT / "requirements.stamp"
LOCK = Path(__file__).with_name("litellm.lock")
UPSTREAM_KEY = "sk-the-key-behind-the-gateway"
LOCAL = ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS", "AUTOROUTER_PRESETS", "BLOG_POSTS", "POLICY_TEMPLATES")
"""What it fetches when it starts, if it is not told to take the copies that came with it."""

CONFIG = """
files_settings:
  - custom_llm_provider: openai
    api_base: {base_url}
    api_key: os.environ/OPENAI_API_KEY
"""
"""Under ``/openai`` files are not passed through: it handles them itself, and not at all without this."""

pytestmark = pytest.mark.timeout(300)  # it takes a minute to start on a busy machine


@pytest.fixture
async def litellm(deployment: Deployment, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the proxy's address, in front of the sandbox."""
    if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
        pytest.skip("needs LiteLLM: make litellm")
    environment = {
        "OPENAI_API_BASE": deployment.provider.root_url,
        "OPENAI_API_KEY": UPSTREAM_KEY,
        "LITELLM_MASTER_KEY": API_KEY,
    } | {f"LITELLM_LOCAL_{name}": "True" for name in LOCAL}
    (tmp_path / "config.yaml").write_text(CONFIG.format(base_url=deployment.provider.base_url))
    options = ("--config", "config.yaml", "--host", "127.0.0.1", "--port", "0", "--telemetry", "False")
    async with running(ENVIRONMENT / "bin" / "litellm", *options, directory=tmp_path, **environment) as proxy:
        yield await proxy.url()


@pytest.mark.parametrize("path", ["openai_passthrough", "openai"])
async def test_the_main_job_behind_litellm(litellm: str, deployment: Deployment, path: str) -> None:
    """Create, watch, cancel, delete and list, though the marks in a job's metadata are lost on the way."""
    deployment.settings |= {"openai_base_url": f"{litellm}/{path}/v1"}
    account = deployment.sandbox.account
    journey = Journey(
        deployment=deployment,
        client=await deployment.start(),
        keeps_metadata=False,
        upstream=Upstream(
            http=deployment.http, base_url=deployment.provider.base_url, finish=account.finish_job
        ),
    )
    await journey.travel()
    assert [job.metadata for job in account.jobs()] == [None] * 3
    assert all(name.startswith("finetuning-") for name in deployment.training_files())


async def test_its_own_fine_tuning_api_needs_a_licence(litellm: str, deployment: Deployment) -> None:
    """Everything beside the pass-through is a 500 without one."""
    response = await deployment.http.get(
        f"{litellm}/v1/fine_tuning/jobs", headers={"Authorization": f"Bearer {API_KEY}"}
    )
    assert (response.status_code, response.text) == (500, "Internal Server Error")


async def test_a_lost_create_is_found_again(litellm: str, deployment: Deployment) -> None:
    """The job was made and its answer lost: its training file tells it at once, and it is cancelled."""
    base_url = f"{litellm}/openai_passthrough/v1"
    deployment.settings |= {"openai_base_url": base_url, "grace_s": 3600}
    deployment.fault(Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True))
    client = await deployment.start()
    training = await deployment.training(client, await client.connection())
    (job,) = deployment.live_jobs()
    assert (training["finetuningJobId"], job.metadata) == (job.id, None)
    cancelled = await client.cancel(training["id"])
    assert (cancelled["status"], cancelled["cancellation"]["phase"]) == ("CANCELLED", "CONFIRMED")
    assert (deployment.live_jobs(), len(deployment.sandbox.calls.find("jobs.create"))) == ([], 1)
