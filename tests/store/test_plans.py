"""Indexes answer the engine's questions.

Their cost does not grow with the number of documents.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from graphql_api.documents import Finetuning
from graphql_api.store.expressions import Fields
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.many_finetunings import UpkeepStore
from graphql_api.tenancy import TenantScope
from tests.world import OPENAI, World


class Explained(LeasedFinetunings):
    """Asks MongoDB for its plan of every filter, and then goes on."""

    plans: list[str]

    def __init__(self, collection: Any) -> None:
        super().__init__(collection, owner="tests", lease_s=60)
        self.plans = []

    async def find(self, where: Fields) -> Finetuning | None:
        """Explain and find."""
        await self._explain(where)
        return await super().find(where)

    async def find_all(self, where: Fields, *, fields: list[str]) -> list[Fields]:
        """Explain and find."""
        await self._explain(where)
        return await super().find_all(where, fields=fields)

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Explain and update."""
        await self._explain(where)
        return await super().update(where, *stages, **options)

    async def _explain(self, where: Fields) -> None:
        plan = await self._collection.find(where).explain()
        self.plans.append(str(plan["queryPlanner"]["winningPlan"]))


Question = Callable[[LeasedFinetunings], Awaitable[object]]

QUESTIONS: dict[str, Question] = {
    "job": lambda leased: UpkeepStore(leased).claim_job("ftjob-1", token="t"),
    "training_file": lambda leased: UpkeepStore(leased).owners_of(["file-1", "", "file-2"], account=OPENAI),
    "idempotency": lambda leased: FinetuningStore(leased).created_with("once", scope=TenantScope("default")),
    "due": lambda leased: FinetuningStore(leased).claim_due(token="t"),
    "unconfirmed": lambda leased: UpkeepStore(leased).mark_overdue(older_than_s=1),
}


@pytest.mark.parametrize("index", QUESTIONS)
async def test_a_question_is_answered_from_its_index(world: World, index: str) -> None:
    """MongoDB uses a partial index only if the filter names the index's own condition."""
    await world.create()
    leased = Explained(world.database["finetunings"])
    await QUESTIONS[index](leased)
    [plan] = leased.plans
    assert (f"'indexName': '{index}'" in plan, "COLLSCAN" in plan) == (True, False)
