"""The commands ``graphql-api keys``: they make, list and revoke API keys straight in the database."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from graphql_api.access.endings import Endings
from graphql_api.access.key_format import Key
from graphql_api.access.keys import ApiKeys
from graphql_api.audit.attempts import Attempt, named
from graphql_api.audit.log import AuditLog
from graphql_api.composition.audit_commands import operator, operators_log
from graphql_api.composition.authentication import pepper
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.settings import Settings
from graphql_api.documents import ApiKey, AuditTarget, AuditTargetKind, ObjectId
from graphql_api.scopes import Scope
from graphql_api.store import api_keys
from graphql_api.tenancy import TenantScope


async def create(
    settings: Settings, *, tenant: str, name: str, scopes: frozenset[Scope], lives: timedelta | None
) -> Key:
    """Make a key; raises ``StartError`` without a database or a pepper."""
    async with _database(settings) as audit:
        keys = ApiKeys(pepper=pepper(settings), endings=Endings())
        expires_at = None if lives is None else datetime.now(UTC) + lives
        making: Awaitable[tuple[Key, ApiKey]] = keys.issue(
            scope=TenantScope(tenant), name=name, scopes=scopes, expires_at=expires_at
        )
        if audit is not None:
            attempt = Attempt(action="keys create", caller=operator(tenant))
            making = audit.around(attempt, making, made=lambda made: _target(made[1]))
        key, _ = await making
        return key


async def listed(settings: Settings, *, tenant: str | None) -> Sequence[ApiKey]:
    """Return the keys of one tenant, or of all, the newest first."""
    async with _database(settings):
        found = await api_keys.changed_since(None)
    mine = [key for key in found if tenant in {None, key.tenant}]
    return sorted(mine, key=lambda key: key.created_at, reverse=True)


async def revoke(settings: Settings, *, key_id: str) -> ApiKey | None:
    """Revoke the key of any tenant; ``None`` without such a key."""
    async with _database(settings) as audit:
        found = {str(key.id): key for key in await api_keys.changed_since(None)}.get(key_id)
        if found is None:
            return None
        revoking: Awaitable[ApiKey | None] = api_keys.revoke(ObjectId(key_id), scope=TenantScope.of(found))
        if audit is not None:
            attempt = Attempt(action="keys revoke", caller=operator(found.tenant), targets=_target(found))
            revoking = audit.around(attempt, revoking)
        return await revoking


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AuditLog | None]:
    """Open the database, and yield its audit log."""
    async with AsyncExitStack() as stack:
        opened, _ = await open_database(stack, settings, beside_a_server=True)
        yield await stack.enter_async_context(operators_log(settings, opened.database))


def _target(key: ApiKey) -> tuple[AuditTarget, ...]:
    return named([(AuditTargetKind.API_KEY, str(key.id))])
