"""An entry is durable before the answer, and no trouble with it reaches the change."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pymongo.errors import AutoReconnect

from graphql_api.access.errors import RateLimitedError
from graphql_api.audit.attempts import StoredEntry
from graphql_api.audit.log import DEFAULT_PATIENCE, AuditLog, Patience
from graphql_api.errors import BadUserInputError
from graphql_api.metrics import Metrics
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.database import Database
from tests.audit.conftest import ADA, ATTEMPT, stored

IMPATIENT = Patience(answer_s=0, pause_s=0, write_s=0, end_s=0)


class Scripted(AuditEntries):
    """Writes after the ends of these, each at its turn: an error is raised, an event is waited for."""

    def __init__(self, database: Database, *turns: Exception | asyncio.Event) -> None:
        super().__init__(database["audit_entries"])
        self.turns = list(turns)
        self.sizes: list[int] = []

    async def append(self, entries: Sequence[StoredEntry]) -> list[StoredEntry]:
        """Take the next turn, then write."""
        self.sizes.append(len(entries))
        turn = self.turns.pop(0) if self.turns else None
        if isinstance(turn, asyncio.Event):
            await turn.wait()
        elif turn is not None:
            raise turn
        return await super().append(entries)


PATIENT = replace(DEFAULT_PATIENCE, answer_s=60)
"""The entry is stored when the answer comes, on a busy machine, too."""


def opened(entries: AuditEntries, patience: Patience = PATIENT) -> tuple[AuditLog, Metrics]:
    """Return a log and its counters."""
    metrics = Metrics()
    return AuditLog(entries, metrics=metrics, patience=patience), metrics


def lost(metrics: Metrics) -> float:
    """Return the number of lost entries."""
    (line,) = (
        one
        for one in metrics.exposition().decode().splitlines()
        if one.startswith("audit_entries_lost_total ")
    )
    return float(line.split()[1])


async def test_an_answer_comes_after_its_entry(database: Database) -> None:
    """The entry is in MongoDB when the result is there."""
    audit, metrics = opened(AuditEntries(database["audit_entries"]))
    assert await audit.around(ATTEMPT, asyncio.sleep(0, "done")) == "done"
    (entry,) = await stored()
    assert (entry.tenant, entry.subject, entry.action, entry.outcome) == (
        "acme",
        "ada",
        "cancelFinetuning",
        "allowed",
    )
    assert lost(metrics) == 0


async def test_a_refusal_is_raised_after_its_entry(database: Database) -> None:
    """As it was."""
    audit, _ = opened(AuditEntries(database["audit_entries"]))

    async def refuse() -> None:
        raise BadUserInputError("no")

    with pytest.raises(BadUserInputError):
        await audit.around(ATTEMPT, refuse())
    (entry,) = await stored()
    assert (entry.outcome, entry.code) == ("refused", "BAD_USER_INPUT")


async def test_what_nobody_looked_at_leaves_no_entry(database: Database) -> None:
    """Such as a request beyond its caller's budget: its number is without a limit."""
    audit, _ = opened(AuditEntries(database["audit_entries"]))

    async def refuse() -> None:
        raise RateLimitedError("Too many", retry_after_s=1)

    with pytest.raises(RateLimitedError):
        await audit.around(ATTEMPT, refuse())
    await audit.close()
    assert await stored() == []


async def test_an_interruption_leaves_an_entry(database: Database) -> None:
    """A client that leaves in the middle may have changed something."""
    audit, _ = opened(AuditEntries(database["audit_entries"]))
    task = asyncio.create_task(audit.around(ATTEMPT, asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await audit.close()
    (entry,) = await stored()
    assert (entry.outcome, entry.code) == ("unknown", "INTERRUPTED")


async def test_entries_at_the_same_time_are_one_write(database: Database) -> None:
    """Those that come during a write go together in the next."""
    gate = asyncio.Event()
    entries = Scripted(database, gate)
    audit, _ = opened(entries)
    answers = [asyncio.create_task(audit.write(ATTEMPT.allowed())) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    answers += [asyncio.create_task(audit.write(ATTEMPT.allowed())) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*answers)
    assert sum(entries.sizes) == len(await stored()) == 25
    assert len(entries.sizes) <= 3


async def test_a_silent_mongodb_does_not_hold_up_an_answer(database: Database) -> None:
    """The entry follows as soon as it answers."""
    gate = asyncio.Event()
    audit, metrics = opened(Scripted(database, gate), replace(DEFAULT_PATIENCE, answer_s=0))
    assert await audit.around(ATTEMPT, asyncio.sleep(0, "done")) == "done"
    assert await stored() == []
    gate.set()
    await audit.close()
    assert (len(await stored()), lost(metrics)) == (1, 0)


async def test_a_failed_write_is_repeated(database: Database) -> None:
    """Nothing is lost by a failover, and nothing is stored twice."""
    entries = Scripted(database, AutoReconnect("gone"), AutoReconnect("still"))
    audit, metrics = opened(entries, replace(PATIENT, pause_s=0))
    await audit.write(ATTEMPT.allowed())
    assert (entries.sizes, len(await stored()), lost(metrics)) == ([1, 1, 1], 1, 0)


async def test_a_lasting_failure_changes_no_answer(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loss is counted and logged; the next entry is stored."""
    audit, metrics = opened(Scripted(database, AutoReconnect("gone")), IMPATIENT)
    assert await audit.around(ATTEMPT, asyncio.sleep(0, "done")) == "done"
    assert await stored() == []
    await audit.note(ATTEMPT.allowed()).wait()
    assert (len(await stored()), lost(metrics)) == (1, 1)
    assert "audit entries are lost" in capsys.readouterr().out


async def test_one_bad_entry_takes_no_other_with_it(database: Database) -> None:
    """A name that is no Unicode cannot be encoded."""
    audit, metrics = opened(AuditEntries(database["audit_entries"]))
    bad = replace(ATTEMPT, caller=replace(ADA, subject="\ud800"))
    audit.note(ATTEMPT.allowed())
    audit.note(bad.allowed())
    await audit.write(ATTEMPT.allowed())
    assert (len(await stored()), lost(metrics)) == (2, 1)


async def test_memory_is_bounded(database: Database) -> None:
    """What comes while too many wait is lost at once, and holds up nobody."""
    gate, metrics = asyncio.Event(), Metrics()
    audit = AuditLog(Scripted(database, gate), metrics=metrics, most_waiting=3)
    for _ in range(3):
        audit.note(ATTEMPT.allowed())
    await audit.write(ATTEMPT.allowed())
    assert lost(metrics) == 1
    gate.set()
    await audit.close()
    await audit.write(ATTEMPT.allowed())
    assert (len(await stored()), lost(metrics)) == (4, 1)


async def test_an_end_without_mongodb_is_an_end(database: Database) -> None:
    """What could not be stored is counted as lost."""
    audit, metrics = opened(Scripted(database, asyncio.Event()), replace(DEFAULT_PATIENCE, end_s=0))
    audit.note(ATTEMPT.allowed())
    await asyncio.sleep(0)
    await audit.close()
    assert lost(metrics) == 1
