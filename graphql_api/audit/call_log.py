"""One line in the log for each call that changes something: who, what, which documents, how it ended."""

from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter
from typing import TypeVar

import structlog

from graphql_api.audit.attempts import Attempt, StoredEntry
from graphql_api.documents import AuditTarget

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_SHOWN = 20
"""The most documents in one line; each finetuning that changes has a line of its own."""


async def logged(
    attempt: Attempt,
    doing: Awaitable[T],
    *,
    made: Callable[[T], Iterable[AuditTarget]] = lambda _: (),
    is_dry_run: bool = False,
) -> T:
    """Return the attempt's result, and log its end; an error of it is raised again.

    ``made`` finds further documents in the result. A dry run changes nothing.
    """
    began = perf_counter()
    try:
        done = await doing
    except BaseException as problem:
        _tell(attempt.broken_off_by(problem), began, is_dry_run=is_dry_run)
        raise
    _tell(attempt.allowed(made(done)), began, is_dry_run=is_dry_run)
    return done


def _tell(entry: StoredEntry, began: float, *, is_dry_run: bool) -> None:
    """Log what the audit would keep: ids and names, and nothing else that a client has sent."""
    targets = [f"{one['kind']}:{one['id']}" for one in entry["targets"]]
    log.info(
        "call",
        action=entry["action"],
        tenant=entry["tenant"],
        subject=entry["subject"],
        credential=entry["credential_id"],
        address=entry["address"],
        request_id=entry["request_id"],
        targets=targets[:MOST_SHOWN],
        target_count=len(targets),
        outcome=entry["outcome"],
        code=entry["code"],
        is_dry_run=is_dry_run,
        duration_ms=round((perf_counter() - began) * 1000, 1),
    )
