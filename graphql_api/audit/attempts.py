"""One attempt of a caller, and its entry for each way it can end."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graphql_api.caller import Caller
from graphql_api.documents import AuditOutcome, AuditTarget, AuditTargetKind, ObjectId
from graphql_api.errors import INTERNAL, ExpectedError, StoreUnavailableError
from graphql_api.store.database import is_unavailable

MOST_TARGETS = 1_001
"""The most that one call can name: a database connection and a thousand of its golden records."""
INTERRUPTED = "INTERRUPTED"
"""The code of an attempt whose client left, or whose server stopped, in the middle."""

StoredEntry = dict[str, Any]
"""An entry as MongoDB keeps it, without its time: a Beanie document would cost several times as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a caller wants: ``targets`` are the documents it names, ``fields`` the names of what it gives."""

    action: str
    caller: Caller
    request_id: str | None = None
    targets: tuple[AuditTarget, ...] = ()
    fields: tuple[str, ...] = ()

    def allowed(self, made: Iterable[AuditTarget] = ()) -> StoredEntry:
        """Return the entry of the attempt carried out; ``made`` are further documents."""
        return self._entry(AuditOutcome.ALLOWED, made=made)

    def refused(self, code: str) -> StoredEntry:
        """Return the entry of the attempt refused with this code."""
        return self._entry(AuditOutcome.REFUSED, code=code)

    def broken_off_by(self, problem: BaseException) -> StoredEntry:
        """Return the entry of the attempt ended by this error: a refusal, or nobody knows."""
        code = code_of(problem)
        unknown = code in {INTERNAL, INTERRUPTED, StoreUnavailableError.code}
        return self._entry(AuditOutcome.UNKNOWN if unknown else AuditOutcome.REFUSED, code=code)

    def _entry(
        self, outcome: AuditOutcome, *, code: str | None = None, made: Iterable[AuditTarget] = ()
    ) -> StoredEntry:
        caller = self.caller
        named = dict.fromkeys((one.kind.value, one.id) for one in (*self.targets, *made))
        return {
            "_id": ObjectId(),
            "tenant": caller.tenant,
            "subject": caller.subject,
            "credential_id": caller.credential_id,
            "address": caller.address,
            "request_id": self.request_id,
            "action": self.action,
            "targets": [{"kind": kind, "id": id_} for kind, id_ in islice(named, MOST_TARGETS)],
            "fields": list(self.fields),
            "outcome": outcome.value,
            "code": code,
        }


def named(documents: Iterable[tuple[AuditTargetKind, object]]) -> tuple[AuditTarget, ...]:
    """Return the documents with well-formed ids: no other text of a client is kept."""
    return tuple(
        AuditTarget.model_construct(kind=kind, id=one.lower())
        for kind, one in islice(documents, MOST_TARGETS)
        if isinstance(one, str) and ObjectId.is_valid(one)
    )


def code_of(problem: BaseException) -> str:
    """Return the code that clients get for this error."""
    if isinstance(problem, ExpectedError):
        return problem.code
    if not isinstance(problem, Exception):
        return INTERRUPTED
    return StoreUnavailableError.code if is_unavailable(problem) else INTERNAL
