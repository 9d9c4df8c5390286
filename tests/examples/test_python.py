"""The example for Python, made and run.

It is generated from the present schema, type-checked, and run against the server.
"""

import ast
import re
import sys
from urllib.parse import urlsplit

import pytest

from graphql_api.composition.settings import Settings
from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.openai import Fault
from tests.examples.workshop import EXAMPLES, make, one_at_a_time, read_until, running
from tests.processes.client import Client
from tests.processes.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLE = EXAMPLES / "python"
PYTHON = str(EXAMPLE / ".venv" / "bin" / "python")
MILESTONES = {"CREATED", "JOB_ATTACHED", "CANCEL_REQUESTED"}
LOOSE = re.compile(r"\b(Any|object)\b")


@pytest.fixture(scope="session")
def generated() -> None:
    """Have the client, generated from the schema as it is now."""
    with one_at_a_time(EXAMPLE):
        make("make", "generate", f"PYTHON={sys.executable}", example=EXAMPLE)


async def test_it_passes_strict_mypy(generated: None) -> None:
    """In its own environment, with the client that was generated from this schema."""
    with one_at_a_time(EXAMPLE):
        assert "Success: no issues found" in make("make", "check", example=EXAMPLE)


async def test_what_is_generated_says_what_everything_is(generated: None) -> None:
    """Results and inputs have no ``Any`` in them: every scalar is mapped."""
    client = EXAMPLE / "finetuning_client"
    plumbing = {"async_base_client.py", "base_model.py", "client.py", "exceptions.py"}
    models = [file for file in client.glob("*.py") if file.name not in plumbing]
    assert {file.name for file in models} >= {"fragments.py", "input_types.py", "create_finetuning.py"}
    assert [file.name for file in models if LOOSE.search(file.read_text())] == []


async def test_every_method_says_what_it_takes_and_answers(generated: None) -> None:
    """Only the values handed on to httpx are ``Any``."""
    client = ast.parse((EXAMPLE / "finetuning_client" / "client.py").read_text())
    methods = [node for node in ast.walk(client) if isinstance(node, ast.AsyncFunctionDef)]
    assert {"cancel_finetuning", "create_finetuning", "finetuning_events"} <= {one.name for one in methods}
    said = [spelled for one in methods for spelled in signature(one)]
    assert (len(said) > len(methods), [spelled for spelled in said if LOOSE.search(spelled)]) == (True, [])


async def test_the_tour_waits_longer_than_a_cancel_may() -> None:
    """A client giving up before the server's answer does not learn of the record."""
    (longest_s,) = re.findall(r"^LONGEST_ANSWER_S = (.+)", (EXAMPLE / "tour.py").read_text(), re.MULTILINE)
    assert float(longest_s) > Settings.model_fields["cancel_budget_s"].default


async def test_the_tour_lists_creates_watches_and_cancels(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """It ends by itself, and nothing that it started costs money any more."""
    earlier = {job.id for job in deployment.live_jobs()}
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE) as tour:
        stdout, _ = await tour.communicate()
    printed = stdout.decode()
    assert tour.returncode == 0, printed
    watched = ["CREATED", "JOB_ATTACHED"]
    assert [kind for kind in kinds(printed) if kind in MILESTONES] == [*watched, *watched, "CANCEL_REQUESTED"]
    confirmed = "CANCELLED, CONFIRMED: cancelled; nothing is trained any more\n"
    assert f"\ncancel: {confirmed}" in printed
    assert f"\ncancel once more: {confirmed}" in printed
    assert {job.id for job in deployment.live_jobs()} <= earlier


async def test_a_cancel_that_is_not_confirmed_is_not_called_done(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """As long as the provider refuses, the tour says so; afterwards the cancel is carried out."""
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE) as tour:
        said = (await read_until(tour.stdout, "\ncancel: ")).splitlines()[-1]
        deployment.sandbox.faults.clear()
        rest, _ = await tour.communicate()
    recorded = "cancel: RUNNING, REQUESTED: recorded for good; the provider has not confirmed yet"
    assert said.startswith(recorded)
    assert "\ncancel once more: CANCELLED, CONFIRMED: " in rest.decode()


async def test_a_broken_connection_loses_and_repeats_no_event(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """The server is killed while the tour watches; with the next one it goes on behind the last cursor."""
    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=503, times=None))
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE) as tour:
        printed = await read_until(tour.stdout, " NOT_SUBMITTED")
        await deployment.kill()
        printed += await read_until(tour.stdout, "the connection broke off")
        deployment.sandbox.faults.clear()
        await deployment.start(port=urlsplit(server.url).port)
        printed += await read_until(tour.stdout, " RUNNING\n")
    assert [kind for kind in kinds(printed) if kind in MILESTONES] == ["CREATED", "JOB_ATTACHED"]
    assert kinds(printed).count("DATASET_PREPARED") == 1


def signature(method: ast.AsyncFunctionDef) -> list[str]:
    """Return the types of a method's arguments for the operation, and of its answer."""
    given = [argument.annotation for argument in method.args.args + method.args.kwonlyargs]
    return [ast.unparse(annotation) for annotation in [*given, method.returns] if annotation is not None]


def kinds(printed: str) -> list[str]:
    """Return the kinds of the events that were printed, in their order."""
    return re.findall(r"^  [\d:]{8}  (\w+)", printed, re.MULTILINE)
