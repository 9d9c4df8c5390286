"""The stored keys: each write is of one tenant, and tells all servers."""

from datetime import timedelta

from graphql_api.documents import ApiKey, ObjectId
from graphql_api.scopes import Scope
from graphql_api.store import api_keys
from graphql_api.store.database import Database
from graphql_api.tenancy import TenantScope

ACME = TenantScope("acme")


async def stored(**changes: object) -> ApiKey:
    """Store a key."""
    given = {"name": "$name", "scopes": frozenset({Scope.ADMIN}), "digest": b"d" * 32, "expires_at": None}
    return await api_keys.insert(ObjectId(), scope=ACME, **{**given, **changes})  # type: ignore[arg-type]  # a test may change what it likes


async def test_a_key_is_stored_as_it_was_given(database: Database) -> None:
    """A name with a dollar is no field; its moments are MongoDB's."""
    key = await stored()
    assert (key.tenant, key.name, key.scopes, key.digest) == ("acme", "$name", [Scope.ADMIN], b"d" * 32)
    assert key.created_at == key.changed_at
    assert (key.expires_at, key.revoked_at, key.last_used_at) == (None, None, None)


async def test_a_revocation_is_of_one_tenant_and_for_good(database: Database) -> None:
    """Asking again keeps the first moment, and moves the change so that servers look again."""
    key = await stored()
    assert await api_keys.revoke(key.id, scope=TenantScope("other")) is None
    first = await api_keys.revoke(key.id, scope=ACME)
    again = await api_keys.revoke(key.id, scope=ACME)
    assert first is not None
    assert again is not None
    assert first.revoked_at == again.revoked_at is not None


async def test_changes_are_found_from_a_little_before_the_last_one(database: Database) -> None:
    """A write that became visible late is not missed."""
    key = await stored()
    assert [one.id for one in await api_keys.changed_since(None)] == [key.id]
    assert [one.id for one in await api_keys.changed_since(key.changed_at)] == [key.id]
    much_later = key.changed_at + timedelta(seconds=api_keys.OVERLAP_S + 1)
    assert await api_keys.changed_since(much_later) == []


async def test_a_use_is_noted_without_a_change(database: Database) -> None:
    """Servers have nothing to read again because of it."""
    key, other = await stored(), await stored()
    await api_keys.note_use([key.id])
    found = {one.id: one for one in await api_keys.changed_since(None)}
    assert found[key.id].last_used_at is not None
    assert found[key.id].changed_at == key.changed_at
    assert found[other.id].last_used_at is None
