"""Opens the audit log of the settings."""

from contextlib import AsyncExitStack

from graphql_api.audit.log import AuditLog
from graphql_api.composition.start_error import StartError
from graphql_api.errors import first_line
from graphql_api.metrics import Metrics
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.database import Database, StoreError

COLLECTION = "audit_entries"


async def open_audit(
    stack: AsyncExitStack, database: Database, *, days: int, metrics: Metrics
) -> AuditLog | None:
    """Return the log, with the life of its entries set; its last entries are stored at the end of the stack.

    No days, no log: what is stored already keeps its life. Raises ``StartError``.
    """
    if not days:
        return None
    stored = AuditEntries(database[COLLECTION])
    try:
        await stored.keep_for(days)
    except StoreError as refused:
        raise StartError(f"AUDIT_DAYS: MongoDB cannot keep the audit log: {first_line(refused)}") from refused
    audit = AuditLog(stored, metrics=metrics)
    stack.push_async_callback(audit.close)
    return audit
