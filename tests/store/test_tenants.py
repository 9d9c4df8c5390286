"""Every operation of the store that names a tenant, tried by another one: it finds and changes nothing."""

import ast
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graphql_api import store
from graphql_api.documents import ApiKey, DbConnection, Finetuning, GoldenRecord, ObjectId, ProviderAccount
from graphql_api.documents.paging import Order, Position, Window
from graphql_api.scopes import Scope
from graphql_api.store import api_keys, catalogue, reads
from graphql_api.store.deletion import delete_unused
from graphql_api.store.document_lists import DocumentList, Page
from graphql_api.store.giving_up import GivingUp
from graphql_api.store.quotas import QuotaLimits, QuotaStore, UsedUp
from graphql_api.store.training_data import Example, Sources
from graphql_api.tenancy import TenantScope
from tests.accounts.stage import account_of
from tests.stages import ASKED
from tests.world import World

OTHER = TenantScope("other")
TOKEN = "of-a-deletion"
STORE = Path(store.__file__ or "").parent
KINDS = (ApiKey, DbConnection, Finetuning, GoldenRecord, ProviderAccount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What the first tenant has."""

    world: World
    connection: DbConnection
    spare: DbConnection
    buried: DbConnection
    record: GoldenRecord
    finetuning: Finetuning
    key: ApiKey
    account: ProviderAccount

    async def stored(self) -> list[Any]:
        """Return all documents as they are."""
        found = [await kind.get_pymongo_collection().find({}).to_list() for kind in KINDS]
        return [one for documents in found for one in documents]


@pytest.fixture
async def things(world: World) -> Things:
    """Store one of everything, with a stuck finetuning, a half deleted connection and a tombstone."""
    scope = TenantScope.of(world.caller)
    connection, spare, buried = [await world.connection() for _ in range(3)]
    await catalogue.mark_for_deletion(DbConnection, spare.id, scope=scope, token=TOKEN)
    await catalogue.bury(DbConnection, buried.id, scope=scope, where={})
    records = await world.golden_record_ids(connection)
    account = await account_of(world)
    finetuning = await world.create(
        db_connection_id=str(connection.id),
        golden_records=[str(one) for one in records],
        idempotency_key="a-key",
        provider_account_id=str(account.id),
    )
    await Finetuning.get_pymongo_collection().update_one(
        {"_id": finetuning.id}, [{"$set": {"last_fault": {"message": "a", "at": "$$NOW", "attempts": 1}}}]
    )
    record = await GoldenRecord.get(records[0])
    assert record is not None
    return Things(
        world=world,
        connection=connection,
        spare=spare,
        buried=buried,
        record=record,
        finetuning=finetuning,
        key=await new_key(scope),
        account=account,
    )


async def new_key(scope: TenantScope) -> ApiKey:
    """Store a key."""
    return await api_keys.insert(
        ObjectId(), scope=scope, name="ci", scopes=frozenset({Scope.ADMIN}), digest=b"", expires_at=None
    )


def of_tenant(document: Any, scope: TenantScope, **given: object) -> Any:
    """Return a copy of the document in another tenant's hands."""
    return document.model_copy(update={"tenant": scope.tenant, **given})


async def texts(connection: DbConnection) -> list[Example]:
    """Return the connection's examples."""
    taken: list[Example] = []

    async def take(batch: Any) -> None:
        taken.extend(batch)

    await Sources().read_examples(connection, None, take=take)
    return taken


Case = Callable[[Things, TenantScope], Awaitable[Any]]
CASES: dict[str, Case] = {
    "api_keys.revoke": lambda t, s: api_keys.revoke(t.key.id, scope=s),
    "catalogue.bury": lambda t, s: catalogue.bury(DbConnection, t.spare.id, scope=s, where={}),
    "catalogue.bury again": lambda t, s: catalogue.bury(DbConnection, t.buried.id, scope=s, where={}),
    "catalogue.bury_all": lambda t, s: catalogue.bury_all(GoldenRecord, scope=s, where={}),
    "catalogue.change": lambda t, s: catalogue.change(
        DbConnection, t.connection.id, scope=s, given={"alias": "b"}, where={}
    ),
    "catalogue.is_usable": lambda t, s: catalogue.is_usable(DbConnection, t.connection.id, scope=s),
    "catalogue.mark_for_deletion": lambda t, s: catalogue.mark_for_deletion(
        DbConnection, t.connection.id, scope=s, token="b"
    ),
    "catalogue.unmark_for_deletion": lambda t, s: catalogue.unmark_for_deletion(
        DbConnection, t.spare.id, scope=s, token=TOKEN
    ),
    "catalogue.users_of_connection": lambda t, s: catalogue.users_of_connection(t.connection.id, scope=s),
    "catalogue.users_of_account": lambda t, s: catalogue.users_of_account(t.account.id, scope=s),
    "catalogue.users_of_golden_record": lambda t, s: catalogue.users_of_golden_record(of_tenant(t.record, s)),
    "deletion.delete_unused": lambda t, s: delete_unused(
        DbConnection, t.spare.id, scope=s, find_users=catalogue.users_of_connection
    ),
    "document_lists.DocumentList.count": lambda _, s: records(s).count(most=100),
    "document_lists.DocumentList.has_before": lambda t, s: records(s).has_before(place(t.record)),
    "document_lists.DocumentList.has_behind": lambda t, s: records(s).has_behind(place(t.record)),
    "document_lists.DocumentList.page": lambda _, s: documents(records(s).page(Window(size=1))),
    "document_lists.DocumentList.places": lambda _, s: documents(records(s).places(Window(size=1))),
    "many_finetunings.UpkeepStore.request_cancels": lambda t, s: t.world.engine.upkeep.request_cancels(
        [t.finetuning.id], scope=s, request=ASKED
    ),
    "quotas.QuotaStore.take": lambda t, s: taken(t.world, s, QuotaLimits(live=1)),
    "quotas.QuotaStore.take of a day": lambda t, s: second_taken(t.world, s),
    "reads.count": lambda _, s: reads.count(GoldenRecord, scope=s),
    "reads.count_live": lambda _, s: reads.count_live({}, scope=s),
    "reads.find": lambda t, s: reads.find(Finetuning, t.finetuning.id, scope=s),
    "reads.find even deleted": lambda t, s: reads.find(
        Finetuning, t.finetuning.id, scope=s, even_deleted=True
    ),
    "reads.find_by_ids": lambda t, s: reads.find_by_ids(DbConnection, [t.connection.id], scope=s),
    "reads.has_any": lambda _, s: reads.has_any(GoldenRecord, scope=s),
    "reads.newest_live_ids": lambda _, s: reads.newest_live_ids({}, scope=s, most=1),
    "reads.records_alike": lambda t, s: reads.records_alike([of_tenant(t.record, s, id=ObjectId())]),
    "requests.Requests.created_with": lambda t, s: t.world.engine.store.created_with("a-key", scope=s),
    "requests.Requests.find": lambda t, s: t.world.engine.store.find(t.finetuning.id, scope=s),
    "requests.Requests.give_up": lambda t, s: t.world.engine.store.give_up(
        t.finetuning.id, scope=s, giving_up=GivingUp(reason="b", given_up_by="eve")
    ),
    "requests.Requests.request_cancel": lambda t, s: t.world.engine.store.request_cancel(
        t.finetuning.id, scope=s, request=ASKED, token="b"
    ),
    "requests.Requests.request_delete": lambda t, s: t.world.engine.store.request_delete(
        t.finetuning.id, scope=s, requested_by="eve", token="b"
    ),
    "requests.Requests.update": lambda t, s: t.world.engine.store.update(
        t.finetuning.id, scope=s, fields={"alias": "b"}, updated_by="eve"
    ),
    "training_data.Sources.find_connection": lambda t, s: Sources().find_connection(t.connection.id, scope=s),
    "training_data._of extent": lambda t, s: size(Sources().extent(of_tenant(t.connection, s), None)),
    "training_data._of few": lambda t, s: Sources().examples(of_tenant(t.connection, s), [t.record.id]),
    "training_data._of known": lambda t, s: Sources().known_ids(of_tenant(t.connection, s), [t.record.id]),
    "training_data._of read": lambda t, s: texts(of_tenant(t.connection, s)),
}
"""By the operation's module and name, with a word for each of several cases."""

ITS_OWN = {"api_keys.insert"}
"""Operations that only make something of the tenant's own."""
INSIDE = {"deletion._claim", "quotas.QuotaStore._known", "reads.visible", "reads._live"}
"""Parts of the operations above them."""


async def taken(world: World, scope: TenantScope, limits: QuotaLimits) -> UsedUp | None:
    """Return the tenant's quota that is used up before one more creation."""
    return await QuotaStore(world.database, limits).take(ObjectId(), scope=scope, idempotency_key=None)


async def second_taken(world: World, scope: TenantScope) -> UsedUp | None:
    """Return the same, after a creation of the first tenant, the only one of its day."""
    once = QuotaLimits(creates_a_day=1)
    await taken(world, TenantScope.of(world.caller), once)
    return await taken(world, scope, once)


def records(scope: TenantScope) -> DocumentList[GoldenRecord]:
    """Return the list of the tenant's golden records."""
    order = Order.newest_of(GoldenRecord)
    return DocumentList(kind=GoldenRecord, where={}, scope=scope, order=order)


def place(record: GoldenRecord) -> Position:
    """Return the record's place in it."""
    return Order.newest_of(GoldenRecord).place(record)


async def documents(page: Awaitable[Page[Any]]) -> list[Any]:
    """Return the page's documents."""
    return (await page).documents


async def size(extent: Awaitable[Any]) -> int:
    """Return the extent's number of records."""
    return int((await extent).records)


def operations() -> Iterator[str]:
    """Yield the store's functions and methods that name a tenant."""
    for path in STORE.glob("*.py"):
        yield from (f"{path.stem}.{name}" for name in _operations(ast.parse(path.read_text())))


def _operations(inside: ast.Module | ast.ClassDef) -> Iterator[str]:
    for one in inside.body:
        if isinstance(one, ast.ClassDef):
            yield from (f"{one.name}.{name}" for name in _operations(one))
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            is_public = isinstance(one, ast.AsyncFunctionDef) and not one.name.startswith("_")
            if "TenantScope" in ast.unparse(one) or (is_public and _has_scope(inside)):
                yield one.name


def _has_scope(inside: ast.Module | ast.ClassDef) -> bool:
    """Return whether it is a class with a ``TenantScope`` of its own."""
    fields = [one for one in inside.body if isinstance(one, ast.AnnAssign)]
    return any("TenantScope" in ast.unparse(one) for one in fields)


def test_every_operation_of_a_tenant_has_its_case() -> None:
    """A new one that takes or makes a ``TenantScope`` comes with a case."""
    assert set(operations()) == {name.partition(" ")[0] for name in CASES} | ITS_OWN | INSIDE


@pytest.mark.parametrize("name", CASES)
async def test_another_tenant_finds_and_changes_nothing(things: Things, name: str) -> None:
    """The same call by the tenant itself finds or changes something: no case is empty."""
    before = await things.stored()
    assert not await CASES[name](things, OTHER)
    assert await things.stored() == before
    found = await CASES[name](things, TenantScope.of(things.world.caller))
    assert found or await things.stored() != before


async def test_what_a_tenant_makes_is_its_own(things: Things) -> None:
    """A key, by the name of its tenant."""
    assert (await new_key(OTHER)).tenant == OTHER.tenant
    assert things.key.tenant == things.world.caller.tenant
