"""The scenarios: what there is at the start, who acts, and how much may go wrong."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

from beanie import PydanticObjectId

from graphql_api.documents import BaseLlm, Finetuning
from graphql_api.finetunings.leases import LeasedFinetunings
from graphql_api.finetunings.store import FinetuningStore
from graphql_api.providers.port import JobSpec
from tests.exploration.actor import Call, Kind
from tests.exploration.memory_collection import Document, MemoryCollection
from tests.exploration.owned_loop import at_once
from tests.exploration.provider import START
from tests.exploration.system import REAL, TIMING, Budget, Parts, Role, System
from tests.finetunings.stages import DATASET, job

FINETUNING_ID = PydanticObjectId("0123456789abcdef01234567")
FILE_ID = "file-1"


@dataclass(frozen=True, slots=True)
class Start:
    """The document at the start, brought there by the store's own operations, and the provider's side."""

    document: Callable[[FinetuningStore], Coroutine[Any, Any, Finetuning | None]]
    provider: Callable[[System], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A start, its actors, and the bound of what may happen to them."""

    name: str
    start: Start
    workers: int = 1
    cancels: int = 1
    others: tuple[Role, ...] = ()
    crashes: int = 0
    faults: int = 0
    jumps: int = 0
    ends: int = 0
    ticks: int = 3

    def system(self, parts: Parts = REAL) -> System:
        """Return a fresh run, every actor before its first call."""
        budget = Budget(
            crashes=self.crashes, faults=self.faults, jumps=self.jumps, ends=self.ends, ticks=self.ticks
        )
        system = System(parts=parts, budget=budget, id=FINETUNING_ID)
        system.begin(document_of(self.start))
        self.start.provider(system)
        for number in range(self.workers):
            system.add(Role.WORKER, number + 1)
        for number in range(self.cancels):
            system.add(Role.CANCEL, number + 1)
        for role in self.others:
            system.add(role)
        return system


@cache
def document_of(start: Start) -> Document:
    """Return the document that the scenario starts from."""
    collection = MemoryCollection()
    leased: Any = LeasedFinetunings(
        cast("Any", collection), owner="server", lease_s=TIMING.lease_s, now=lambda: START
    )
    at_once(start.document(FinetuningStore(leased)))
    return collection.documents[FINETUNING_ID]


async def _to_uploaded(store: FinetuningStore) -> Finetuning | None:
    held = await _held(store)
    await store.release(held)
    return held


async def _to_training(store: FinetuningStore) -> Finetuning | None:
    marked = await store.mark_submitting(await _held(store))
    assert marked is not None
    attached = await store.attach_job(marked, job("ftjob-1"))
    assert attached is not None
    await store.release(attached)
    return attached


async def _to_open_create(store: FinetuningStore) -> Finetuning | None:
    marked = await store.mark_submitting(await _held(store))
    assert marked is not None
    return await store.record_fault(marked, "no reply", due_in_s=TIMING.recheck_s)


async def _held(store: FinetuningStore) -> Finetuning:
    """Store a finetuning and take it, under a lease, to an uploaded training file."""
    await store.insert(
        Finetuning(
            id=FINETUNING_ID,
            tenant="default",
            db_connection_id=FINETUNING_ID,
            alias="library",
            base_llm=BaseLlm(model_provider="openai", model_name="m"),
            created_at=START,
            updated_at=START,
            due_at=START,
        )
    )
    held = await store.claim_due(token="start")
    assert held is not None
    frozen = await store.freeze_dataset(held, DATASET)
    assert frozen is not None
    attached = await store.attach_file(frozen, FILE_ID)
    assert attached is not None
    return attached


def _file(system: System) -> None:
    system.provider.files[FILE_ID] = f"finetuning-{FINETUNING_ID}-0.jsonl"


def _job(system: System) -> None:
    _file(system)
    system.oracle.posted(at=0, answered=True)
    at_once(system.provider.create_job(SPEC))


def _create_on_its_way(system: System) -> None:
    _file(system)
    system.oracle.posted(at=0, answered=False)
    system.delay(
        Call(
            kind=Kind.PROVIDER,
            name="create_job",
            make=partial(system.provider.create_job, SPEC),
            made_at=0,
            ending=system.loop.create_future(),
        )
    )


SPEC = JobSpec(
    finetuning_id=str(FINETUNING_ID),
    deployment_id="here",
    model="m",
    training_file_id=FILE_ID,
    suffix="library",
    n_epochs=3,
    batch_size=1,
    learning_rate_multiplier="auto",
)
UPLOADED = Start(_to_uploaded, _file)
"""The training file is at the provider, the job still to be made."""
TRAINING = Start(_to_training, _job)
"""A job trains."""
CREATE_ON_ITS_WAY = Start(_to_open_create, _create_on_its_way)
"""A create call is still on its way although its caller has given it up."""

SCENARIOS = [
    Scenario(
        name="one job, two workers, one cancel, one crash, one fault",
        start=UPLOADED,
        workers=2,
        crashes=1,
        faults=1,
    ),
    Scenario(name="two cancels at once, one fault", start=TRAINING, cancels=2, faults=1),
    Scenario(name="two cancels at once while the job is made", start=UPLOADED, cancels=2, crashes=1),
    Scenario(
        name="cancel against a create whose outcome is unknown",
        start=CREATE_ON_ITS_WAY,
        faults=1,
        jumps=1,
        ticks=4,
    ),
    Scenario(name="cancel against success at the provider", start=TRAINING, workers=2, faults=1, ends=1),
    Scenario(name="lease expiry under a paused holder", start=UPLOADED, workers=2, jumps=1, faults=1),
    Scenario(
        name="lease expiry between two creates, two faults",
        start=UPLOADED,
        workers=2,
        cancels=0,
        jumps=1,
        faults=2,
    ),
    Scenario(name="delete against cancel", start=TRAINING, others=(Role.DELETE,), crashes=1, faults=1),
    Scenario(
        name="delete while the job is made",
        start=UPLOADED,
        cancels=0,
        others=(Role.DELETE,),
        crashes=1,
        faults=1,
    ),
    Scenario(name="webhook against cancel", start=TRAINING, others=(Role.WEBHOOK,), faults=1, ends=1),
    Scenario(
        name="sweep against cancel and a late create",
        start=CREATE_ON_ITS_WAY,
        others=(Role.SWEEP,),
        jumps=1,
        faults=1,
    ),
    Scenario(name="sweep while the job is made", start=UPLOADED, others=(Role.SWEEP,), crashes=1),
]
