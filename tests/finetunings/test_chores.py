"""Chores: one of all the servers takes each when it is due, and no other."""

import asyncio

from graphql_api.documents import Database
from graphql_api.finetunings.chores import Chores

HOUR_S = 3600


async def test_a_chore_that_nobody_has_done_is_due(database: Database) -> None:
    """The first to ask takes it; it is not due again, for nobody, until its time has come."""
    first, second = Chores(database["chores"]), Chores(database["chores"])
    assert await first.take("sweep", every_s=HOUR_S)
    assert not await first.take("sweep", every_s=HOUR_S)
    assert not await second.take("sweep", every_s=HOUR_S)
    assert await second.take("sync", every_s=HOUR_S)


async def test_one_of_many_takes_a_chore(database: Database) -> None:
    """Of many servers that ask at the same moment, one takes the chore."""
    takers = [Chores(database["chores"]) for _ in range(10)]
    taken = await asyncio.gather(*[chores.take("sweep", every_s=HOUR_S) for chores in takers])
    assert taken.count(True) == 1


async def test_a_chore_comes_back(database: Database) -> None:
    """A chore is due again as soon as its interval is over."""
    chores = Chores(database["chores"])
    assert await chores.take("sweep", every_s=0)
    assert await chores.take("sweep", every_s=HOUR_S)
    assert not await chores.take("sweep", every_s=HOUR_S)
