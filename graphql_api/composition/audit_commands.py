"""The command ``graphql-api audit export``, and the audit of what operators do at a terminal."""

import getpass
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from graphql_api.audit.log import AuditLog
from graphql_api.caller import Caller
from graphql_api.composition.auditing import COLLECTION
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.settings import Settings
from graphql_api.documents import AuditEntry
from graphql_api.metrics import Metrics
from graphql_api.store.audit_entries import AuditEntries, oldest_first
from graphql_api.store.database import Database


async def exported(
    settings: Settings, *, since: datetime | None, tenant: str | None
) -> AsyncIterator[AuditEntry]:
    """Yield the stored entries of one tenant, or of all, the oldest first; raises ``StartError``."""
    async with AsyncExitStack() as stack:
        await open_database(stack, settings, beside_a_server=True)
        async for entry in oldest_first(since=since, tenant=tenant):
            yield entry


@asynccontextmanager
async def operators_log(settings: Settings, database: Database) -> AsyncIterator[AuditLog | None]:
    """Yield the audit log of a command; the life of entries is for servers to set."""
    if not settings.audit_days:
        yield None
        return
    audit = AuditLog(AuditEntries(database[COLLECTION]), metrics=Metrics())
    try:
        yield audit
    finally:
        await audit.close()


def operator(tenant: str) -> Caller:
    """Return the person at this terminal, as a caller of the tenant: the user and the machine."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        user = f"uid {os.getuid()}"
    return Caller(tenant=tenant, subject=user, address=socket.gethostname())
