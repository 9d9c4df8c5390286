"""A run of a few inputs against a real server."""

import asyncio
import os

import pytest

from hostile.__main__ import left_over, run, verdict
from hostile.client import Attacker
from hostile.input import Attack, Input, Kind
from hostile.limits import REFUSED_CPU_MS
from hostile.stage import Sizes, Stage, open_stage
from hostile.trial import Memory
from processes.usage import cpu_s

SMALL = Sizes(small_records=20, large_records=2, live=3, cancels=20)
MB = 2**20


async def _refused(attacker: Attacker) -> str:
    return await attacker.ask("{ " + "a" * 5_000 + " }")


async def _served(attacker: Attacker) -> str:
    return await attacker.ask("{ finetunings(first: 100) { nodes { id status } } }")


async def _stored(attacker: Attacker) -> str:
    given = {"alias": "left behind", "dialect": "postgres"}
    create = "mutation ($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"
    return await attacker.ask(create, {"input": given})


def dear_to(stage: Stage) -> Attack:
    """Return an attack that costs this server more than a refusal may, on any machine."""

    async def attack(attacker: Attacker) -> str:
        before = cpu_s(stage.server.pid)
        while cpu_s(stage.server.pid) - before < 1.5 * REFUSED_CPU_MS / 1000:
            await _served(attacker)
        return "dear"

    return attack


async def test_a_run_prints_what_each_input_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """The server asks for keys, and tells the attacker from the bystander; both get their answers."""
    inputs = [
        Input(name="refused", attack=_refused),
        Input(name="served", attack=_served, kind=Kind.SERVED),
        Input(name="stored", attack=_stored, kind=Kind.FLOOD, times=1),
        Input(name="silent", attack=lambda one: one.hold(3, b"GET /", seconds=0.1), kind=Kind.FLOOD, times=1),
    ]
    async with open_stage(sizes=SMALL, settings={}) as stage:
        dear = Input(name="dear", attack=dear_to(stage), times=1)
        wrong = await run(stage, {"A few": [*inputs, dear]})
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if "|" in line]
    answers = {cells[0]: cells[1] for cells in rows if len(cells) > 7}
    assert answers["refused"] == "200 GRAPHQL_VALIDATION_FAILED"
    assert answers["served"] == answers["stored"] == "200 ok"
    assert answers["silent"] == "3 of 3 open after 0 s"
    assert [line for line in wrong if "answers" in line] == []
    assert [line.startswith("dear: CPU") for line in wrong if line.startswith("dear")] == [True]


async def test_the_peak_and_the_rest_of_memory_are_told() -> None:
    """What is held for a moment is in the peak, and what stays is kept."""
    memory, held = Memory(os.getpid()), list[bytes]()
    async with memory.watched(), asyncio.timeout(60):
        held.append(b"x" * (64 * MB))
        while memory.peak_mb < 60:  # noqa: ASYNC110 - the watch announces nothing
            await asyncio.sleep(0)
        assert await memory.kept_mb() > 50
        held.clear()
    assert memory.peak_mb >= 60
    assert await memory.kept_mb() < 50


def test_too_much_ends_the_run_with_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """It names each input, and what the whole run left behind."""
    assert (verdict([]), verdict(["one: CPU", *left_over(51 * MB), *left_over(50 * MB)])) == (0, 1)
    lines = capsys.readouterr().out.split()
    assert " ".join(lines) == "0 too much 2 too much one: CPU the whole run keeps 51 MB"
