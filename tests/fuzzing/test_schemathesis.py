"""Schemathesis sends generated documents to a server with callers, and every answer is a known one.

``make schemathesis`` makes an environment of its own for it, sends five thousand, and prints what came back.
"""

import base64
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema

from graphql_api.scopes import Scope
from tests.access.issuer import AUDIENCE, open_id_provider
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
SETTINGS = {
    "auth": "keys,oidc",
    "key_pepper": "a pepper of more than thirty-two characters",
    "oidc_audience": AUDIENCE,
    "rate_limit": "off",
}
TENANT = "acme"
LONGEST_RUN = timedelta(hours=2)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A deployment whose servers want a credential, and a token with every scope.

    A run with a key would end it: Schemathesis finds the ids of keys in answers, and revokes them.
    """

    deployment: Deployment
    token: str


@pytest.fixture
async def guarded(deployment: Deployment) -> AsyncIterator[Guarded]:
    """Yield such a deployment."""
    if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
        pytest.skip("needs Schemathesis: make schemathesis")
    async with open_id_provider() as issuer:
        deployment.settings |= {**SETTINGS, "oidc_issuer": issuer.url}
        scopes = " ".join(Scope)
        token = issuer.token(tenant=TENANT, scope=scopes, exp=datetime.now(UTC) + LONGEST_RUN)
        deployment.http.headers["authorization"] = f"Bearer {token}"
        yield Guarded(deployment=deployment, token=token)


async def test_every_answer_is_a_known_one(guarded: Guarded, tmp_path: Path) -> None:
    """No 5xx, no code but those of a bad value or an unknown id, and all that was sent was answered."""
    client = await guarded.deployment.start()
    await _store_one_of_each(guarded, client)
    report = await _sent(guarded, client, directory=tmp_path, cases=CASES or FEW_CASES)
    answers = Counter(_answers(report))
    _print(report, answers)
    assert {answer for answer in answers if answer[0] != 200 or answer[1] not in EXPECTED | {None}} == set()
    assert (len(report) >= (CASES or FEW_CASES), answers[200, None] > 0) == (True, True), answers
    log = guarded.deployment.servers[0].log
    assert [line for line in log if line["level"] in {"error", "critical"}] == []


async def _sent(guarded: Guarded, client: Client, *, directory: Path, cases: int) -> list[dict[str, Any]]:
    """Send so many cases at least, and return the exchanges."""
    har = directory / "report.har"
    each = -(-5 * cases // (4 * _operations()))  # some fields have too few arguments for so many
    options = ("--mode", "positive", "--phases", "fuzzing", "--checks", "not_a_server_error")
    output = ("--report-har-path", str(har), "--output-sanitize", "false", "--continue-on-failure")
    async with running(
        ENVIRONMENT / "bin" / "schemathesis",
        *("run", str(SCHEMA), "--url", f"{client.url}/graphql", "--max-examples", str(each)),
        *("--header", f"Authorization: Bearer {guarded.token}"),
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


async def _store_one_of_each(guarded: Guarded, client: Client) -> None:
    """Store documents: Schemathesis finds their ids in answers, and uses them."""
    await client.create(await client.connection())
    named = ("--tenant", TENANT, "--name", "a dashboard", "--scope", Scope.FINETUNINGS_READ)
    deployment = guarded.deployment
    made = await deployment.commands.run("keys", "create", *named, **deployment.settings)
    assert made.returncode == 0, made.stderr


def _print(report: list[dict[str, Any]], answers: Counter[tuple[int, str | None]]) -> None:
    """Print how many requests were sent, and how often each answer came."""
    print(f"{len(report)} requests")  # noqa: T201 - what `make schemathesis` is run for
    for (status, code), count in answers.most_common():
        print(f"{count:6} {status} {code or 'without an error'}")  # noqa: T201 - the same


def _answers(entries: list[dict[str, Any]]) -> Iterator[tuple[int, str | None]]:
    """Yield the status and the code of each error; no code for an answer without any."""
    for entry in entries:
        response = entry["response"]
        content = response["content"]
        text = content.get("text", "")
        body = json.loads(base64.b64decode(text) if content.get("encoding") == "base64" else text)
        for error in body.get("errors") or [{}]:
            yield response["status"], error.get("extensions", {}).get("code")
