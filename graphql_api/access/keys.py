"""The API keys of all tenants, kept in memory and renewed from MongoDB.

A known key costs no read. Every ``RENEWED_S`` each server reads what has changed, so a revoked key is refused
everywhere within a second.
"""

import asyncio
import hmac
from datetime import UTC, datetime
from typing import NoReturn

import structlog

from graphql_api.access.endings import Endings
from graphql_api.access.errors import CredentialEndedError, UnauthenticatedError
from graphql_api.access.key_format import PREFIX, Key, MalformedKeyError
from graphql_api.caller import Caller
from graphql_api.documents import ApiKey, ObjectId
from graphql_api.scopes import Scope
from graphql_api.store import api_keys
from graphql_api.store.database import StoreError
from graphql_api.tenancy import TenantScope

log = structlog.get_logger(__name__)

RENEWED_S = 0.5
NOTED_S = 60.0
"""How often at most the last use of a key is written."""
UNKNOWN = "There is no such API key."
NO_DIGEST = bytes(32)
"""Compared with an unknown key, so that its refusal takes as long as a wrong secret's."""


class ApiKeys:
    """Knows every key; ``renewal`` runs as long as the server."""

    def __init__(self, *, pepper: bytes, endings: Endings) -> None:
        self._pepper = pepper
        self.endings = endings
        self._known: dict[str, ApiKey] = {}
        self._latest: datetime | None = None
        self._renewing = asyncio.Lock()
        self._used: set[str] = set()

    def reads(self, token: str) -> bool:
        """Return whether the token is an API key."""
        return token.startswith(PREFIX)

    def recalls(self, token: str) -> bool:
        """Return whether this is a known key, ended or not."""
        try:
            key = Key.parse(token)
        except MalformedKeyError:
            return False
        stored = self._known.get(key.id)
        return stored is not None and hmac.compare_digest(key.digest(self._pepper), stored.digest)

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Return the key's caller; raises ``UnauthenticatedError``."""
        try:
            key = Key.parse(token)
        except MalformedKeyError as malformed:
            raise UnauthenticatedError(str(malformed)) from None
        digest = key.digest(self._pepper)
        stored = self._match(key.id, digest)
        if stored is None:
            await self._renew_for_an_unknown_key()
            stored = self._match(key.id, digest)
        if stored is None:
            raise UnauthenticatedError(UNKNOWN)
        if (ended := _ended(stored)) is not None:
            raise CredentialEndedError(ended)
        self._used.add(key.id)
        return Caller(
            tenant=stored.tenant,
            subject=stored.name,
            scopes=frozenset(stored.scopes),
            credential_id=key.id,
            expires_at=stored.expires_at,
            address=address,
        )

    async def issue(
        self, *, scope: TenantScope, name: str, scopes: frozenset[Scope], expires_at: datetime | None
    ) -> tuple[Key, ApiKey]:
        """Make and store a key; returns it for its owner, for the only time, and as stored."""
        key = Key.new()
        stored = await api_keys.insert(
            ObjectId(key.id),
            scope=scope,
            name=name,
            scopes=scopes,
            digest=key.digest(self._pepper),
            expires_at=expires_at,
        )
        self.know(stored)
        return key, stored

    async def revoke(self, key_id: ObjectId, *, scope: TenantScope) -> ApiKey | None:
        """Revoke the tenant's key and end its connections; ``None`` if the tenant has no such key."""
        revoked = await api_keys.revoke(key_id, scope=scope)
        if revoked is not None:
            self.know(revoked)
            self.endings.end(str(key_id))
        return revoked

    async def renew(self) -> None:
        """Read the changes, and end the connections of ended keys."""
        async with self._renewing:
            for key in await api_keys.changed_since(self._latest):
                self.know(key)
        for one in self.endings.watched & self._known.keys():
            if _ended(self._known[one]):
                self.endings.end(one)

    def know(self, key: ApiKey) -> None:
        """Take a stored key, new or changed."""
        self._known[str(key.id)] = key
        self._latest = max(self._latest or key.changed_at, key.changed_at)

    async def renewal(self) -> NoReturn:
        """Renew for ever; an outage of MongoDB only delays it."""
        noted_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RENEWED_S)
            try:
                await self.renew()
                if self._used and loop.time() - noted_at >= NOTED_S:
                    used, self._used, noted_at = self._used, set(), loop.time()
                    await api_keys.note_use([self._known[one].id for one in used])
            except StoreError as problem:
                log.warning("the API keys could not be renewed", error=type(problem).__name__)

    def _match(self, key_id: str, digest: bytes) -> ApiKey | None:
        """Return the known key of this id and digest, after the same work for an unknown id."""
        stored = self._known.get(key_id)
        is_right = hmac.compare_digest(digest, NO_DIGEST if stored is None else stored.digest)
        return stored if is_right else None

    async def _renew_for_an_unknown_key(self) -> None:
        """Look for a key made since the last look, all requests together.

        A wrong secret costs the look, too, so the refusal's time does not tell which ids exist.
        """
        if not self._renewing.locked():
            await self.renew()
            return
        async with self._renewing:
            pass


def _ended(key: ApiKey) -> str | None:
    if key.revoked_at is not None:
        return "The API key is revoked."
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        return "The API key has expired."
    return None
