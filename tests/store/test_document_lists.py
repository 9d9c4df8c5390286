"""Lists of documents: windows on them, what lies beside, and how many there are."""

from dataclasses import replace

import pytest

from graphql_api.documents import Finetuning
from graphql_api.documents.paging import Order, Window
from graphql_api.errors import SearchTooSlowError
from graphql_api.schema.arguments import named
from graphql_api.store import guard
from graphql_api.store.database import Database
from graphql_api.store.document_lists import DocumentList
from graphql_api.tenancy import TenantScope
from tests.schema.conftest import minutes, store_finetunings
from tests.watched import Watcher, watched_by

SCOPE = TenantScope("default")
NEWEST = Order("created_at", Finetuning.listing)


def finetunings(**changes: object) -> DocumentList[Finetuning]:
    """Return the list of all finetunings, the newest first."""
    given = {"kind": Finetuning, "where": {}, "scope": SCOPE, "order": NEWEST}
    return DocumentList(**{**given, **changes})  # type: ignore[arg-type]  # the test's own


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10])
async def test_a_list_is_read_from_both_ends(database: Database, size: int) -> None:
    """Window by window, each document once, in the list's own order; the last window says so."""
    stored = (await store_finetunings(minutes(7)))[::-1]
    for backwards in (False, True):
        listed, window, has_more = list[str](), Window(size=size, backwards=backwards), True
        while has_more:
            page = await finetunings().page(window)
            ids = [str(one.id) for one in page.documents]
            listed = [*ids, *listed] if backwards else [*listed, *ids]
            edge, has_more = NEWEST.place(page.documents[0 if backwards else -1]), page.has_more
            window = replace(window, before=edge) if backwards else replace(window, after=edge)
        assert listed == stored


async def test_a_window_lies_between_two_places(database: Database) -> None:
    """Neither of both documents is in it; its places are those of its documents."""
    stored = (await store_finetunings(minutes(7)))[::-1]
    whole = await finetunings().places(Window(size=7))
    edges = Window(after=whole.documents[1], before=whole.documents[5])
    for backwards, ids in ((False, stored[2:4]), (True, stored[3:5])):
        window = replace(edges, size=2, backwards=backwards)
        page = await finetunings().page(window)
        assert ([str(one.id) for one in page.documents], page.has_more) == (ids, True)
        assert (await finetunings().places(window)).documents == [NEWEST.place(one) for one in page.documents]
    assert (await finetunings().page(replace(edges, size=3))).has_more is False


async def test_what_lies_beside_a_place_is_looked_at(database: Database) -> None:
    """The document of the place itself counts, a deleted one does not."""
    await store_finetunings(minutes(3))
    first, _, last = (await finetunings().places(Window(size=3))).documents
    assert await finetunings().has_before(first)
    await Finetuning.get_pymongo_collection().delete_one({"_id": first.id})
    assert not await finetunings().has_before(first)
    assert await finetunings().has_before(last)
    await Finetuning.get_pymongo_collection().delete_one({"_id": last.id})
    assert not await finetunings().has_behind(last)
    assert await finetunings().has_behind(first)


async def test_a_count_has_an_end(database: Database) -> None:
    """Up to the most it is exact, and beyond it nobody counts on."""
    await store_finetunings(minutes(5))
    assert await finetunings().count(most=5) == 5
    assert await finetunings().count(most=4) is None
    assert await finetunings(where={"status": "running"}).count(most=5) == 0


async def test_what_takes_too_long_is_not_counted(mongodb_uri: str, watcher: Watcher) -> None:
    """A list that cannot be searched in time says so; its number is left out."""
    async with watched_by(watcher, mongodb_uri, search_s=1e-9):
        await store_finetunings(minutes(2))
        assert await finetunings().count(most=5) is None
        with pytest.raises(SearchTooSlowError):
            await finetunings(searches=True).page(Window(size=1))
    assert guard.SEARCH_S == 1.0


PLANS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "newest": ({}, {}),
    "newest_of_connection": ({"db_connection_id": "x"}, {}),
    "newest_of_model": ({"base_llm.model_name": "x"}, {}),
    "newest_with_alias": ({"alias": {"$regex": "a", "$options": "i"}}, {"index": "newest_with_alias"}),
    "by_end": ({}, {"order": Order("finished_at", Finetuning.listing)}),
}


@pytest.mark.parametrize("index", PLANS)
@pytest.mark.parametrize("backwards", [False, True])
async def test_each_order_has_its_index(database: Database, index: str, backwards: bool) -> None:
    """In both directions: nothing is sorted in memory, and no collection is scanned."""
    await store_finetunings(minutes(5))
    where, changes = PLANS[index]
    asked = finetunings(where=where, **changes)
    (place,) = (await finetunings(order=asked.order).places(Window(size=1))).documents
    whole = Window(size=2, backwards=backwards)
    for window in (whole, replace(whole, before=place) if backwards else replace(whole, after=place)):
        found = asked._collection.find(asked._where(*window.between(asked.order)), **asked._options)
        plan = str((await found.sort(asked.order.sort(backwards=backwards)).explain())["queryPlanner"])
        plan = plan.partition("'rejectedPlans'")[0]
        assert (f"'indexName': '{index}'" in plan, "COLLSCAN" in plan, "'SORT'" in plan) == (
            True,
            False,
            False,
        )


async def test_a_search_reads_aliases_alone(database: Database) -> None:
    """Of a hundred documents without a match it loads none."""
    await store_finetunings(minutes(100))
    asked = finetunings(where={"alias": {"$regex": "z", "$options": "i"}}, index="newest_with_alias")
    found = asked._collection.find(asked._where(), **asked._options).sort(asked.order.sort()).limit(20)
    told = (await found.explain())["executionStats"]
    assert (told["totalKeysExamined"], told["totalDocsExamined"]) == (100, 0)


async def test_a_name_is_found_by_its_index(database: Database) -> None:
    """By the alias or by the start of the id: of a hundred documents it reads the one, and no other's key."""
    await store_finetunings(minutes(100))
    (one,) = (await finetunings().places(Window(size=1))).documents
    collection = Finetuning.get_pymongo_collection()
    await collection.update_one({"_id": one.id}, {"$set": {"alias": "facade"}})
    for name in ("facade", str(one.id)):
        asked = finetunings(where={"$and": [named(name)]})
        found = collection.find(asked._where()).sort(asked.order.sort()).limit(20)
        told = await found.explain()
        assert "COLLSCAN" not in str(told["queryPlanner"]["winningPlan"])
        assert [doc["_id"] async for doc in found] == [one.id]
        assert told["executionStats"]["totalKeysExamined"] <= 4
