"""One run: a storm, an outage, then calm, then the judgement."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from chaos.client import Client
from chaos.embedded import kill_mongod
from chaos.injection import calm, inject, outage
from chaos.judgement import Evidence, Violation, judge
from chaos.killing import freeze_services, kill_all, kill_services, strike_mongodb
from chaos.ledger import Ledger
from chaos.plan import IMPATIENT, Plan
from chaos.records import document_record, job_record
from chaos.stage import DATA, READY_S, Stage, open_embedded_stage, open_stage
from graphql_api.sandbox.openai.state import StateFile
from graphql_api.store.database import Database

LOOK_S = 0.5
SWEEP = "sweep openai:default"
"""The chore of the server's own account."""
NO_MONGODB = re.compile(
    "Error: MONGODB_URI: MongoDB (cannot be used|did not acknowledge|at .* without a primary)"
)
"""A server says so and ends if it starts during a stop or an election of MongoDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a run; ``calls`` are the provider's, each in its last written state."""

    plan: Plan
    ledger: Ledger
    evidence: Evidence
    violations: Sequence[Violation]
    calls: Sequence[Mapping[str, Any]]
    failures: Mapping[str, int]


async def run(plan: Plan) -> Outcome:
    """Let the storm rage over servers, workers and a replica set, and return the findings."""
    return await _run(plan, open_stage(plan))


async def run_embedded(plan: Plan) -> Outcome:
    """Let one rage over a server on its embedded mongod, and return the findings."""
    return await _run(plan, open_embedded_stage(plan))


async def _run(plan: Plan, opening: AbstractAsyncContextManager[Stage]) -> Outcome:
    ledger = Ledger()
    async with opening as stage:
        connection = await _client(plan, stage, ledger, name="first").connection()
        await _storm(plan, stage, ledger, connection)
        await stage.ready()
        await calm(stage.http, sandbox_url=stage.sandbox_url)
        calm_at = time.time()
        evidence, violations = await _settled(plan, stage, ledger, calm_at=calm_at)
        return Outcome(
            plan=plan,
            ledger=ledger,
            evidence=evidence,
            violations=violations,
            calls=_calls(stage),
            failures={service.name: service.failures for service in stage.services if service.failures},
        )


async def _storm(plan: Plan, stage: Stage, ledger: Ledger, connection: str) -> None:
    """Let clients live through the weather; at its end there are cancels still to be carried out."""
    clients = [_client(plan, stage, ledger, name=f"client-{number}") for number in range(plan.clients)]
    lives = [asyncio.create_task(client.live(connection)) for client in clients]
    try:
        await _weather(plan, stage, ledger)
        await outage(stage.http, sandbox_url=stage.sandbox_url)
        async with asyncio.timeout(plan.outage_s + READY_S), asyncio.TaskGroup() as last:
            last.create_task(asyncio.sleep(plan.outage_s))
            for client, finetuning_id in zip(cycle(clients), _still_wanted(plan, ledger), strict=False):
                last.create_task(client.cancel(finetuning_id))
        kill_all(stage.services, ledger)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.wait(lives)
    for life in lives:
        _raise_unless_cancelled(life)


def _still_wanted(plan: Plan, ledger: Ledger) -> list[str]:
    """Return some finetunings without a cancel; most of them are being trained."""
    wanted = sorted(ledger.wanted)
    return plan.random("last cancels").sample(wanted, k=min(plan.last_cancels, len(wanted)))


def _raise_unless_cancelled(life: asyncio.Task[None]) -> None:
    if not life.cancelled():
        life.result()


async def _weather(plan: Plan, stage: Stage, ledger: Ledger) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(plan.storm_s), asyncio.TaskGroup() as weather:
            weather.create_task(kill_services(plan, stage.services, ledger))
            weather.create_task(freeze_services(plan, stage.services, ledger))
            if stage.replicas is None:
                weather.create_task(kill_mongod(plan, stage.directory / DATA, ledger))
            else:
                weather.create_task(strike_mongodb(plan, stage.replicas, ledger))
            weather.create_task(inject(plan, stage.http, sandbox_url=stage.sandbox_url))


def _client(plan: Plan, stage: Stage, ledger: Ledger, *, name: str) -> Client:
    return Client(http=stage.http, servers=stage.urls, ledger=ledger, random=plan.random(name), name=name)


async def _settled(
    plan: Plan, stage: Stage, ledger: Ledger, *, calm_at: float
) -> tuple[Evidence, list[Violation]]:
    """Judge again and again, up to a pass without a violation or the deadline."""
    deadline = calm_at + plan.bound_after_unknown_create_s + 2 * IMPATIENT["SWEEP_INTERVAL_S"]
    while True:
        evidence = await _evidence(stage, calm_at=calm_at)
        violations = judge(plan, ledger, evidence)
        if not violations or time.time() > deadline:
            return evidence, violations
        await asyncio.sleep(LOOK_S)


async def _evidence(stage: Stage, *, calm_at: float) -> Evidence:
    now = time.time()
    async with stage.database() as database:
        found = [document_record(one) async for one in database["finetunings"].find()]
        swept_at = await _swept_at(database)
    jobs = StateFile(stage.state_file).load().jobs.values()
    looked_at = time.time()
    return Evidence(
        documents={document.id: document for document in found},
        jobs=[job_record(job, now=looked_at) for job in jobs],
        now=now,
        calm_at=calm_at,
        swept_at=swept_at,
        errors=_errors(stage),
    )


async def _swept_at(database: Database) -> float:
    """Return the start of the last sweep; 0 without a sweep."""
    sweep = await database["chores"].find_one({"_id": SWEEP})
    return sweep["due_at"].timestamp() - IMPATIENT["SWEEP_INTERVAL_S"] if sweep else 0


def _calls(stage: Stage) -> list[Mapping[str, Any]]:
    """Return the provider's calls; the number and the time tell calls of different processes apart."""
    lines = [json.loads(line) for line in stage.journal.read_text().splitlines() if line.endswith("}")]
    return list({(call["number"], call["at"]): call for call in lines}.values())


def _errors(stage: Stage) -> Counter[str]:
    """Count the logged errors of servers and workers, each by its last line."""
    errors: Counter[str] = Counter()
    for log in [*stage.directory.glob("server-*.log"), *stage.directory.glob("worker-*.log")]:
        for line in log.read_text().splitlines():
            if '"level": "error"' in line:
                entry = json.loads(line)
                last = str(entry.get("exception", "")).strip().splitlines()[-1:]
                errors[" ".join([entry["event"], *last])[:300]] += 1
            elif line.startswith("Error") and not NO_MONGODB.match(line):
                errors[line[:200]] += 1
    return errors
