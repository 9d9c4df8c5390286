"""The scopes of callers: what each credential may do."""

from enum import StrEnum


class Scope(StrEnum):
    """One right."""

    FINETUNINGS_READ = "finetunings:read"
    FINETUNINGS_WRITE = "finetunings:write"
    FINETUNINGS_CANCEL = "finetunings:cancel"
    GOLDEN_RECORDS_READ = "golden_records:read"
    GOLDEN_RECORDS_WRITE = "golden_records:write"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)
