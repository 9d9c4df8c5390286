"""A run of a few inputs against a real server."""

import pytest

from hostile.__main__ import run
from hostile.client import Attacker
from hostile.input import Input, Kind
from hostile.stage import Sizes, open_stage
from hostile.trial import Memory
from processes.usage import resident_bytes

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


async def test_a_run_prints_what_each_input_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """The server asks for keys, and tells the attacker from the bystander; both get their answers."""
    inputs = [
        Input(name="refused", attack=_refused),
        Input(name="served", attack=_served, kind=Kind.SERVED),
        Input(name="stored", attack=_stored, kind=Kind.FLOOD, times=1),
        Input(name="silent", attack=lambda one: one.hold(3, b"GET /", seconds=0.1), kind=Kind.FLOOD, times=1),
    ]
    async with open_stage(sizes=SMALL, settings={}) as stage:
        wrong = await run(stage, {"A few": inputs})
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if "|" in line]
    answers = {cells[0]: cells[1] for cells in rows if len(cells) > 7}
    assert answers["refused"] == "200 GRAPHQL_VALIDATION_FAILED"
    assert answers["served"] == answers["stored"] == "200 ok"
    assert answers["silent"] == "3 of 3 open after 0 s"
    assert [line for line in wrong if "answers" in line] == []


async def test_the_peak_and_the_rest_of_memory_are_told() -> None:
    """What is held is in the peak, and what stays is kept; figures are of the watched process."""
    memory = Memory(pid=0, before=100 * MB, peak=250 * MB)
    assert memory.peak_mb == 150
    assert resident_bytes(1) > 0
