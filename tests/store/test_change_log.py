"""The log of changes: each entry of a timeline once, by the process that wrote it."""

from datetime import timedelta

from beanie import PydanticObjectId
from structlog.testing import capture_logs

from graphql_api.documents import BaseLlm, Finetuning, FinetuningEvent, FinetuningEventKind
from graphql_api.store.change_log import MOST_REMEMBERED, ChangeLog
from graphql_api.store.database import Database
from tests.schema.conftest import MIDNIGHT

Kind = FinetuningEventKind


def finetuning(*kinds: Kind, seconds: int = 0) -> Finetuning:
    """Return a finetuning with these entries, a second apart; the last one is of its last change."""
    entries = [
        FinetuningEvent(at=MIDNIGHT + timedelta(seconds=n), kind=kind, actor="ann", message="a secret")
        for n, kind in enumerate(kinds)
    ]
    return Finetuning(
        id=PydanticObjectId("65f0c0ffee65f0c0ffee65f0"),
        tenant="default",
        db_connection_id=PydanticObjectId(),
        alias="an alias",
        base_llm=BaseLlm(model_provider="openai", model_name="m"),
        created_at=MIDNIGHT,
        updated_at=entries[-1].at + timedelta(seconds=seconds),
        due_at=None,
        timeline=entries,
    )


def told(log: ChangeLog, one: Finetuning, *, is_change: bool = True) -> list[str]:
    """Return the changes in the log's lines about this write."""
    with capture_logs() as lines:
        log.note(one, is_change=is_change)
    return [line["change"] for line in lines]


async def test_a_change_is_told_once(database: Database) -> None:
    """By the write that made it; one that changes nothing says nothing."""
    log = ChangeLog()
    created = finetuning(Kind.CREATED)
    assert told(log, created) == ["created"]
    assert told(log, created) == []
    assert told(log, finetuning(Kind.CREATED, Kind.CANCEL_REQUESTED)) == ["cancel_requested"]


async def test_a_change_of_another_process_is_that_ones(database: Database) -> None:
    """A claim only looks; what was written before is of another time."""
    log = ChangeLog()
    assert told(log, finetuning(Kind.CREATED), is_change=False) == []
    assert told(log, finetuning(Kind.CREATED, seconds=1)) == []
    assert told(log, finetuning(Kind.CREATED, Kind.SUBMITTING, Kind.JOB_ATTACHED)) == ["job_attached"]


async def test_a_line_has_ids_and_no_words_of_people(database: Database) -> None:
    """No alias, and no message: providers write it."""
    with capture_logs() as lines:
        ChangeLog().note(finetuning(Kind.CREATED), is_change=True)
    assert lines == [
        {
            "event": "finetuning changed",
            "log_level": "info",
            "change": "created",
            "finetuning_id": "65f0c0ffee65f0c0ffee65f0",
            "tenant": "default",
            "actor": "ann",
            "status": "queued",
            "cancel": None,
            "job_id": None,
        }
    ]


async def test_memory_has_an_end(database: Database) -> None:
    """Those not seen for longest are forgotten first."""
    log, created = ChangeLog(), finetuning(Kind.CREATED)
    for _ in range(MOST_REMEMBERED + 1):
        log.note(created.model_copy(update={"id": PydanticObjectId()}), is_change=False)
    assert len(log._told) == MOST_REMEMBERED
