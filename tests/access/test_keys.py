"""API keys: known without a read, refused everywhere as soon as they end."""

import asyncio
import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from graphql_api.access.endings import Endings
from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.key_format import Key
from graphql_api.access.keys import ApiKeys
from graphql_api.documents import ApiKey, ObjectId
from graphql_api.scopes import Scope
from graphql_api.store import api_keys
from graphql_api.store.database import Database
from graphql_api.tenancy import TenantScope
from tests.access.conftest import PEPPER
from tests.watched import Watcher

ACME = TenantScope("acme")
READ = frozenset({Scope.FINETUNINGS_READ})


async def issued(keys: ApiKeys, *, expires_at: datetime | None = None) -> Key:
    """Return a new key."""
    key, _ = await keys.issue(scope=ACME, name="ci", scopes=READ, expires_at=expires_at)
    return key


async def refusal(keys: ApiKeys, key: Key) -> str:
    """Return why the key is refused."""
    with pytest.raises(UnauthenticatedError) as refused:
        await keys.caller(key.text, address=None)
    return refused.value.message


async def test_the_database_has_no_secret(keys: ApiKeys) -> None:
    """Only a digest, under a pepper that is not there."""
    key = await issued(keys)
    stored = await ApiKey.get_pymongo_collection().find_one({})
    assert stored is not None
    assert key.text[29:] not in str(stored)
    assert stored["digest"] == key.digest(PEPPER)


async def test_a_key_of_another_server_is_known_at_its_first_use(keys: ApiKeys, endings: Endings) -> None:
    """Without waiting for the next renewal."""
    key = await issued(ApiKeys(pepper=PEPPER, endings=Endings()))
    assert (await keys.caller(key.text, address=None)).credential_id == key.id


async def test_a_server_with_another_pepper_refuses(keys: ApiKeys) -> None:
    """It could not tell a key from a guess."""
    key = await issued(ApiKeys(pepper=b"another" * 8, endings=Endings()))
    assert await refusal(keys, key) == "There is no such API key."


async def test_an_unknown_id_and_a_wrong_secret_are_refused_alike(keys: ApiKeys) -> None:
    """The refusal does not tell which ids exist."""
    key = await issued(keys)
    unknown = Key.new()
    assert await refusal(keys, unknown) == "There is no such API key."
    assert await refusal(keys, Key.of(key.id, unknown.text[29:72])) == "There is no such API key."


class Work:
    """Counts what a refusal costs: HMACs, comparisons, and commands at MongoDB."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, watcher: Watcher) -> None:
        self._done: list[str] = []
        self._watcher = watcher
        for name in ("digest", "compare_digest"):  # of the standard library
            monkeypatch.setattr(hmac, name, self._counted(name, getattr(hmac, name)))

    def _counted(self, name: str, work: Callable[..., object]) -> Callable[..., object]:
        def counted(*given: object) -> object:
            self._done.append(name)
            return work(*given)

        return counted

    async def of(self, keys: ApiKeys, key: Key) -> list[object]:
        """Return the work of this key's refusal, in order, and the commands."""
        self._done.clear()
        self._watcher.seen.clear()
        assert await refusal(keys, key) == "There is no such API key."
        return [*self._done, *self._watcher.seen]


async def test_an_unknown_id_costs_exactly_what_a_wrong_secret_costs(
    watched_database: Database, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One HMAC, the comparison of the checksum, two of the digest, and one look at the database."""
    keys = ApiKeys(pepper=PEPPER, endings=Endings())
    key, unknown = await issued(keys), Key.new()
    wrong = Key.of(key.id, unknown.text[29:72])
    work = Work(monkeypatch, watcher)
    expected = ["compare_digest", "digest", *["compare_digest"] * 2, ("find", "api_keys")]
    assert await work.of(keys, unknown) == expected
    assert await work.of(keys, wrong) == expected


async def test_a_known_key_costs_no_read(watched_database: Database, watcher: Watcher) -> None:
    """As often as it comes."""
    keys = ApiKeys(pepper=PEPPER, endings=Endings())
    key = await issued(keys)
    watcher.seen.clear()
    for _ in range(3):
        assert (await keys.caller(key.text, address=None)).credential_id == key.id
    assert watcher.seen == []


async def test_an_expired_key_is_refused(keys: ApiKeys) -> None:
    """At its moment, by this machine's clock."""
    key = await issued(keys, expires_at=datetime.now(UTC) - timedelta(milliseconds=1))
    assert await refusal(keys, key) == "The API key has expired."


async def test_a_revoked_key_is_refused_and_its_connections_end(keys: ApiKeys, endings: Endings) -> None:
    """At once where it is revoked; asking again changes nothing."""
    key = await issued(keys)
    with endings.watch(await keys.caller(key.text, address=None)) as ended:
        revoked = await keys.revoke(ObjectId(key.id), scope=ACME)
        assert ended.is_set()
    assert await refusal(keys, key) == "The API key is revoked."
    again = await keys.revoke(ObjectId(key.id), scope=ACME)
    assert revoked is not None
    assert again is not None
    assert again.revoked_at == revoked.revoked_at


async def test_another_tenants_key_cannot_be_revoked(keys: ApiKeys) -> None:
    """It looks like a missing one."""
    key = await issued(keys)
    assert await keys.revoke(ObjectId(key.id), scope=TenantScope("other")) is None
    assert (await keys.caller(key.text, address=None)).tenant == "acme"


async def test_a_revocation_reaches_every_server(keys: ApiKeys, endings: Endings) -> None:
    """Within a second, and it ends their connections."""
    key = await issued(keys)
    renewal = asyncio.create_task(keys.renewal())
    try:
        with endings.watch(await keys.caller(key.text, address=None)) as ended:
            await api_keys.revoke(ObjectId(key.id), scope=ACME)
            await asyncio.wait_for(ended.wait(), timeout=30)
        assert await refusal(keys, key) == "The API key is revoked."
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal


async def test_a_key_revoked_before_its_connection_was_watched_ends_it(
    keys: ApiKeys, endings: Endings
) -> None:
    """The next renewal sees it, though nothing has changed since."""
    key = await issued(keys)
    caller = await keys.caller(key.text, address=None)
    await keys.revoke(ObjectId(key.id), scope=ACME)
    with endings.watch(caller) as ended:
        assert not ended.is_set()
        await keys.renew()
        assert ended.is_set()
