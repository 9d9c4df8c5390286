"""A server that wants API keys, for tests of any client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.access.endings import Endings
from graphql_api.access.gate import Gate
from graphql_api.access.key_format import Key
from graphql_api.access.keys import ApiKeys
from graphql_api.audit.log import AuditLog
from graphql_api.rate_limits import Budget
from graphql_api.scopes import Scope
from graphql_api.tenancy import TenantScope
from tests.http.conftest import client_of
from tests.world import World

DEFAULT = TenantScope("default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A server that wants keys, and a client without one."""

    keys: ApiKeys
    http: httpx2.AsyncClient
    audit: AuditLog | None = None

    @property
    def address(self) -> str:
        """Return the host and port."""
        return f"{self.http.base_url.host}:{self.http.base_url.port}"

    async def key(self, *scopes: Scope, tenant: TenantScope = DEFAULT) -> Key:
        """Return a new key with these scopes."""
        key, _ = await self.keys.issue(scope=tenant, name="ci", scopes=frozenset(scopes), expires_at=None)
        return key

    async def ask(self, query: str, key: Key | None = None, **headers: str) -> httpx2.Response:
        """Ask with a key."""
        given = {"authorization": f"Bearer {key.text}"} if key else {}
        return await self.http.post("/graphql", json={"query": query}, headers={**given, **headers})


@asynccontextmanager
async def guarded_server(
    world: World,
    *,
    failures: Budget | None = None,
    budgets: Budgets = UNLIMITED,
    audit: AuditLog | None = None,
    **settings: object,
) -> AsyncIterator[Guarded]:
    """Serve the world to callers with keys."""
    endings = Endings()
    keys = ApiKeys(pepper=b"pepper" * 8, endings=endings)
    gate = Gate(sources=(keys,), keys=keys, endings=endings, failures=failures)
    async with client_of(world, gate=gate, budgets=budgets, audit=audit, **settings) as http:
        yield Guarded(keys=keys, http=http, audit=audit)
