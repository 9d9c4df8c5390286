"""The budgets of the settings."""

from typing import Literal

import pytest

from graphql_api.access.budgets import UNLIMITED
from graphql_api.access.errors import RateLimitedError
from graphql_api.caller import Caller
from graphql_api.catalogue.frozen_file import FrozenFile
from graphql_api.composition.budgets import REST_OBJECTS, budgets_of, paid, paid_file
from graphql_api.composition.settings import Settings
from graphql_api.documents import Dataset, Finetuning, GoldenRecordIds
from graphql_api.store.database import Database
from graphql_api.store.shared_counts import COLLECTION
from tests.world import World

ADA = Caller(credential_id="ada")


async def test_the_word_off_takes_the_limit_away(database: Database) -> None:
    """Cancels need no reserve then."""
    assert await budgets_of(Settings(rate_limit="off"), database) is UNLIMITED


@pytest.mark.parametrize("store", ["memory", "mongodb"])
async def test_servers_share_their_budgets_in_mongodb(
    database: Database, store: Literal["memory", "mongodb"]
) -> None:
    """By default each process counts for itself."""
    settings = Settings(rate_limit="20000/day", rate_limit_cancels="off", rate_limit_store=store)
    one, other = [await budgets_of(settings, database) for _ in range(2)]
    await one.take(ADA, 20_000)
    if store == "memory":
        await other.take(ADA, 1, cancels_alone=True)
        assert await database[COLLECTION].count_documents({}) == 0
        return
    with pytest.raises(RateLimitedError):
        await other.take(ADA, 1, cancels_alone=True)


async def test_a_cancel_is_paid_before_it_is_done(world: World, database: Database) -> None:
    """From the budget, then from the reserve; after that nothing is done."""
    settings = Settings(rate_limit="20/day", rate_limit_cancels="20/day", max_query_cost=20)
    done: list[object] = []

    async def cancel(finetuning_id: str, *, metadata: object, caller: Caller) -> Finetuning:
        done.append((finetuning_id, metadata, caller))
        return await world.create()

    cancels = paid(cancel, await budgets_of(settings, database))
    for _ in range(2):
        await cancels("1", metadata={"a": "b"}, caller=ADA)
    with pytest.raises(RateLimitedError):
        await cancels("1", metadata=None, caller=ADA)
    assert done == [("1", {"a": "b"}, ADA)] * 2
    assert REST_OBJECTS == 20


@pytest.mark.parametrize(("most", "price"), [(10, 20), (20, 20), (21, 21), (1000, 27)])
async def test_a_training_file_is_paid_by_its_size(
    world: World, database: Database, most: int, price: int
) -> None:
    """However low the most is, its call has been paid, and nothing is given back."""
    finetuning = await world.create()
    dataset = Dataset(golden_records=GoldenRecordIds(b""), record_count=0, size_bytes=14_000, sha256="")
    file = FrozenFile(finetuning, dataset, sources=world.engine.sources)

    async def find(finetuning_id: str, *, caller: Caller) -> FrozenFile:
        return file

    budgets = await budgets_of(Settings(rate_limit="2000/day", max_query_cost=most), database)
    assert await paid_file(find, budgets, most=most)(str(finetuning.id), caller=ADA) is file
    await budgets.take(ADA, 2000 - price)
    with pytest.raises(RateLimitedError):
        await budgets.take(ADA, 1)
