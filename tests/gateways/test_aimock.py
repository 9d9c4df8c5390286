"""aimock, a foreign mock, in place of the provider.

It mocks OpenAI's API and knows nothing of this project.
"""

from pathlib import Path

from tests.gateways.journey import Journey
from tests.gateways.third_party import running
from tests.gateways.upstream import Upstream
from tests.processes.deployment import Deployment


async def test_the_main_job_at_aimock(packages: Path, deployment: Deployment, tmp_path: Path) -> None:
    """Create, watch, cancel, delete and list; its jobs go on by one step with each look at them."""
    (tmp_path / "aimock.json").write_text("{}")
    command = ("node", packages / "@copilotkit/aimock/dist/aimock-cli.js", "--config", "aimock.json")
    async with running(*command, directory=tmp_path) as aimock:
        base_url = f"{await aimock.url()}/v1"
        deployment.settings |= {"openai_base_url": base_url}
        journey = Journey(
            deployment=deployment,
            client=await deployment.start(),
            upstream=Upstream(http=deployment.http, base_url=base_url, finish=lambda _: None),
        )
        await journey.travel()
    assert deployment.sandbox.calls.find() == []
