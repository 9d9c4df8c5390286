"""The audit entry document: who did what, when, from where, and with which outcome."""

from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.cursors import Listing
from graphql_api.documents.paging import DatedDocument


class AuditOutcome(StrEnum):
    """What became of an attempt; ``UNKNOWN``: it broke off, and may have been carried out."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class AuditTargetKind(StrEnum):
    """The kinds of documents that callers change."""

    API_KEY = "api_key"
    DB_CONNECTION = "db_connection"
    FINETUNING = "finetuning"
    GOLDEN_RECORD = "golden_record"
    PROVIDER_ACCOUNT = "provider_account"


class AuditTarget(BaseModel):
    """One document that the caller named or made."""

    kind: AuditTargetKind
    id: str


def _newest(name: str, *fields: str) -> IndexModel:
    """Return the index of a tenant's newest entries with these fields' values."""
    of_one_value = [(field, ASCENDING) for field in ("tenant", *fields)]
    return IndexModel([*of_one_value, ("created_at", DESCENDING), ("_id", DESCENDING)], name=name)


class AuditEntry(DatedDocument):
    """One attempt; no entry changes after it is written.

    ``tenant`` is ``None`` for a refused credential, whose ``reason`` is a sentence of this server. ``fields``
    are names alone: of all that a client sends, an entry has only ids. ``attempts`` is above one for refusals
    of one minute told together.
    """

    listing: ClassVar[Listing] = Listing.AUDIT_LOG

    tenant: str | None
    subject: str | None = None
    credential_id: str | None = None
    address: str | None = None
    request_id: str | None = None
    action: str
    targets: list[AuditTarget] = Field(default_factory=list)
    fields: list[str] = Field(default_factory=list)
    outcome: AuditOutcome
    code: str | None = None
    reason: str | None = None
    attempts: int = 1

    class Settings:
        """The collection and its indexes; the index of the expiry depends on a setting."""

        name = "audit_entries"
        indexes: ClassVar[list[Any]] = [
            _newest("newest"),
            _newest("newest_of_subject", "subject"),
            _newest("newest_of_action", "action"),
            _newest("newest_of_target", "targets.id"),
            _newest("newest_of_outcome", "outcome"),
        ]
