"""The twin in memory agrees with the real MongoDB.

The same operations give the same answers and the same documents.
"""

from datetime import timedelta
from inspect import getmembers, iscoroutinefunction
from random import Random
from typing import Any, cast

import pytest
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from exploration.draws import START, Call, Draw, Stores, new_finetuning
from exploration.memory_collection import MemoryCollection
from exploration.memory_expressions import UnknownOperatorError, evaluate, matches
from exploration.store_operations import ANYONES, HOLDERS
from graphql_api.documents import MOST_ENTRIES, Finetuning, FinetuningEventKind
from graphql_api.store.database import Database
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.many_finetunings import UpkeepStore
from tests.world import StoreClock

pytestmark = pytest.mark.usefixtures("untraced")  # tens of thousands of runs

SEQUENCES = 45
MOST_SEQUENCES = 6 * SEQUENCES
"""So many are run at most until each operation has had an effect."""
LENGTH = 25
OPERATIONS = {**ANYONES, **HOLDERS}
EFFECTIVE = {*OPERATIONS} - {"release", "request_cancels", "wake"}
UPLOADED = ["insert", "claim_due", "freeze_dataset", "attach_file"]
LIVES = [
    [*UPLOADED, "mark_submitting", "attach_job", "record_wait", "claim_job"],
    [*UPLOADED, "retire", "request_delete", "claim_due", "bury"],
    [*UPLOADED, "mark_submitting", "request_cancel", "mark_overdue", "mark_overdue"],
    [*UPLOADED, "mark_submitting", "withdraw_submission", "mark_submitting"],
]
"""How far a sequence may come before anything goes."""
ENTRY = {"at": START, "kind": FinetuningEventKind.PROVIDER_FAULT.value}


class Twins:
    """A store on the real MongoDB and one on the twin, with the same clock."""

    def __init__(self, database: Database) -> None:
        quick = WriteConcern(w=1, j=False)
        local = ReadConcern("local")  # what was written quickly is not the majority's yet
        self.real = database["finetunings"].with_options(write_concern=quick, read_concern=local)
        self.memory = MemoryCollection()
        self.clock = StoreClock()
        self.stores = [self._store(self.real), self._store(self.memory)]

    def _store(self, collection: object) -> Stores:
        leased = LeasedFinetunings(cast("Any", collection), owner="$tenant", lease_s=60, now=self.clock.now)
        return Stores(FinetuningStore(leased), UpkeepStore(leased))

    async def both(self, call: Call) -> Any:
        """Make the call on both, hold the twin's answer and documents to the real ones, and return it."""
        expected, answer = [await call(store) for store in self.stores]
        assert answer == expected
        stored = {document["_id"]: document async for document in self.real.find({})}
        assert self.memory.documents == stored
        return answer

    async def fill_up(self, *, room: int) -> None:
        """Leave no more room than this in timelines with a single entry."""
        entries = [ENTRY] * (MOST_ENTRIES - 1 - room)
        if not entries:
            return
        await self.real.update_many({"timeline": {"$size": 1}}, {"$push": {"timeline": {"$each": entries}}})
        for document in self.memory.documents.values():
            document["timeline"].extend(entries if len(document["timeline"]) == 1 else [])

    async def start_afresh(self) -> None:
        """Forget all documents."""
        await self.real.delete_many({})
        self.memory.documents.clear()


@pytest.mark.parametrize("seed", range(6))
async def test_the_twin_answers_as_mongodb_does(database: Database, seed: int) -> None:
    """Any sequence of operations, stale holders and strange texts included, leads to the same documents."""
    random, twins, effective = Random(seed), Twins(database), set[str]()
    for number in range(MOST_SEQUENCES):
        if number >= SEQUENCES and effective == EFFECTIVE:
            break
        await twins.start_afresh()
        effective |= await run_sequence(random, twins)
    assert effective == EFFECTIVE


async def test_the_twins_timeline_fills_up_as_mongodbs_does(database: Database) -> None:
    """An entry without room is left out of both."""
    random, twins, longest = Random(7), Twins(database), 0
    for _ in range(10):
        await twins.start_afresh()
        await run_sequence(random, twins, room=3)
        longest = max(longest, *(len(one["timeline"]) for one in twins.memory.documents.values()), 0)
    assert longest >= MOST_ENTRIES


async def run_sequence(random: Random, twins: Twins, *, room: int = MOST_ENTRIES) -> set[str]:
    """Make random calls on both stores, and return the operations that matched something.

    A new finetuning's timeline has room for so many entries.
    """
    draw = Draw(random=random, new=[new_finetuning(random, number) for number in range(2)])
    effective = set()
    for name in names(random):
        answer = await twins.both(OPERATIONS[name](draw))
        await twins.fill_up(room=room)
        if answer is not None:
            effective.add(name)
            draw.held += [answer] if isinstance(answer, Finetuning) and answer.lease else []
        twins.clock.advance(random.choice([0, 0, 0, 0.001, 1, 61]))
    return effective


def names(random: Random) -> list[str]:
    """Return the operations to make: first some way along a normal life, then anything."""
    life = random.choice(LIVES)
    start = life[: random.choice([2, 5, len(life), len(life)])]
    return [*start, *random.choices([*ANYONES, *HOLDERS, *HOLDERS], k=LENGTH)]


def test_every_operation_of_the_store_is_compared() -> None:
    """A new operation cannot be left out of the contract."""
    members = [*getmembers(FinetuningStore), *getmembers(UpkeepStore)]
    public = {name for name, member in members if iscoroutinefunction(member)}
    assert {name for name in public if not name.startswith("_")} == {*OPERATIONS}


@pytest.mark.parametrize(
    "expression", [{"$subtract": [2, 1]}, {"$eq": [1, 1], "other": 2}, "$$NOW", {"a": {"$avg": ["$a", 1]}}]
)
def test_an_unknown_expression_is_an_error(expression: object) -> None:
    """Nothing is guessed: an expression new to the twin stops the test."""
    with pytest.raises(UnknownOperatorError):
        evaluate(expression, {"a": 1})


@pytest.mark.parametrize("where", [{"a": {"$gt": 1}}, {"$nor": [{"a": 1}]}, {"a": {"$type": "bool"}}])
def test_an_unknown_filter_is_an_error(where: dict[str, object]) -> None:
    """The same holds for filters."""
    with pytest.raises(UnknownOperatorError):
        matches(where, {"a": 1})


def test_times_keep_whole_milliseconds() -> None:
    """As in MongoDB, so that a moment is the same before and after it was stored."""
    moment = START + timedelta(microseconds=1_999)
    assert evaluate({"$literal": [moment]}, {}) == [START + timedelta(milliseconds=1)]
