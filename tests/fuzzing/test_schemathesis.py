"""Schemathesis sends generated documents to a server with keys, and every answer is a known one.

``make schemathesis`` makes an environment of its own for it, and sends five thousand.
"""

import base64
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema

from graphql_api.scopes import Scope
from tests.gateways.third_party import running
from tests.processes.client import Client
from tests.processes.deployment import Deployment

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schema.graphql"
ENVIRONMENT = ROOT / ".venv-schemathesis"
STAMP = ENVIRONMENT / "requirements.stamp"
LOCK = Path(__file__).with_name("schemathesis.lock")
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "0"))
FEW_CASES = 200
"""So many in a run of the whole suite."""
KEYS = {"auth": "keys", "key_pepper": "a pepper of more than thirty-two characters", "rate_limit": "off"}
SCOPES = [scope.value for scope in Scope]

EXPECTED = {
    "BAD_USER_INPUT",
    "DB_CONNECTION_NOT_FOUND",
    "FINETUNING_NOT_FOUND",
    "GOLDEN_RECORD_NOT_FOUND",
    "INSUFFICIENT_GOLDEN_RECORDS",
    "PROVIDER_NOT_SUPPORTED",
    "QUERY_TOO_COMPLEX",
}
"""What a made-up id or value gets; nothing else may happen to a valid document."""


@pytest.fixture
async def guarded(deployment: Deployment) -> Deployment:
    """Return a deployment whose servers ask for keys."""
    if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
        pytest.skip("needs Schemathesis: make schemathesis")
    deployment.settings |= KEYS
    return deployment


async def test_every_answer_is_a_known_one(guarded: Deployment, tmp_path: Path) -> None:
    """No 5xx, no code but those of a bad value or an unknown id, and all that was sent was answered."""
    client = await guarded.start()
    report = await _sent(guarded, client, directory=tmp_path, cases=CASES or FEW_CASES)
    answers = Counter(_answers(report))
    assert {answer for answer in answers if answer[0] != 200 or answer[1] not in EXPECTED | {None}} == set()
    assert (len(report) >= (CASES or FEW_CASES), answers[200, None] > 0) == (True, True), answers
    assert [line for line in guarded.servers[0].log if line["level"] in {"error", "critical"}] == []


async def _sent(guarded: Deployment, client: Client, *, directory: Path, cases: int) -> list[dict[str, Any]]:
    """Send so many cases at least, and return the exchanges."""
    har = directory / "report.har"
    each = -(-5 * cases // (4 * _operations()))  # some fields have too few arguments for so many
    options = ("--mode", "positive", "--phases", "fuzzing", "--checks", "not_a_server_error")
    output = ("--report-har-path", str(har), "--output-sanitize", "false", "--continue-on-failure")
    async with running(
        ENVIRONMENT / "bin" / "schemathesis",
        *("run", str(SCHEMA), "--url", f"{client.url}/graphql", "--max-examples", str(each)),
        *("--header", f"Authorization: Bearer {await _key(guarded)}"),
        *(*options, *output, "--generation-database", "none", "--seed", "1"),
        directory=directory,
    ) as schemathesis:
        await schemathesis.process.wait()
        assert har.exists(), schemathesis.output
    entries: list[dict[str, Any]] = json.loads(har.read_text())["log"]["entries"]
    return entries


def _operations() -> int:
    schema = build_schema(SCHEMA.read_text())
    roots = (schema.query_type, schema.mutation_type)
    return sum(len(root.fields) for root in roots if isinstance(root, GraphQLObjectType))


async def _key(guarded: Deployment) -> str:
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    made = await guarded.commands.run("keys", "create", "--name", "fuzzer", *scopes, **guarded.settings)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def _answers(entries: list[dict[str, Any]]) -> Iterator[tuple[int, str | None]]:
    """Yield the status and the code of each error; no code for an answer without any."""
    for entry in entries:
        response = entry["response"]
        content = response["content"]
        text = content.get("text", "")
        body = json.loads(base64.b64decode(text) if content.get("encoding") == "base64" else text)
        for error in body.get("errors") or [{}]:
            yield response["status"], error.get("extensions", {}).get("code")
