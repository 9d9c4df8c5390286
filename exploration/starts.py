"""The starts of scenarios.

A start is a document and the provider's side. The store's own operations bring the document there.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

from beanie import PydanticObjectId

from exploration.actor import Call, Kind
from exploration.memory_collection import Document, MemoryCollection
from exploration.memory_sources import CONNECTION_ID
from exploration.owned_loop import at_once
from exploration.parts import TIMING
from exploration.provider import LISTED, START, Lists
from exploration.samples import DATASET, job
from exploration.system import System
from graphql_api.documents import BaseLlm, Finetuning, FinetuningStatus
from graphql_api.providers.port import JobSpec
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings

FINETUNING_ID = PydanticObjectId("0123456789abcdef01234567")
FILE_ID = "file-1"
PROCESSING_S = 45
"""How long the provider processes a file: some looks, and less than the grace time."""
STOPPING_S = 45
"""How long it takes to stop a job, and says so."""


Bring = Callable[[FinetuningStore], Coroutine[Any, Any, Finetuning | None]]
"""Brings a finetuning to the start of a scenario, by the store's own operations."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first document, ``None`` before its creation, and the provider's side."""

    document: Bring | None
    provider: Callable[[System], None]


@cache
def document_of(bring: Bring) -> Document:
    """Return the first document of a scenario."""
    collection = MemoryCollection()
    leased: Any = LeasedFinetunings(
        cast("Any", collection), owner="server", lease_s=TIMING.lease_s, now=lambda: START
    )
    at_once(bring(FinetuningStore(leased)))
    return collection.documents[FINETUNING_ID]


async def _to_uploaded(store: FinetuningStore) -> Finetuning | None:
    held = await _held(store)
    await store.release(held)
    return held


async def _to_processing(store: FinetuningStore) -> Finetuning | None:
    attached = await store.attach_file(await _frozen(store), FILE_ID, processed=False)
    assert attached is not None
    await store.release(attached)
    return attached


async def _to_training(store: FinetuningStore) -> Finetuning | None:
    marked = await store.mark_submitting(await _held(store))
    assert marked is not None
    attached = await store.attach_job(marked, job("ftjob-1"))
    assert attached is not None
    await store.release(attached)
    return attached


async def _to_watched(store: FinetuningStore) -> Finetuning | None:
    await _to_training(store)
    held = await store.claim_due(token="start")
    assert held is not None
    return await store.record_sync(
        held, job("ftjob-1"), status=FinetuningStatus.RUNNING, due_in_s=TIMING.sync_interval_s
    )


async def _to_open_create(store: FinetuningStore) -> Finetuning | None:
    marked = await store.mark_submitting(await _held(store))
    assert marked is not None
    return await store.record_fault(marked, "no reply", due_in_s=TIMING.recheck_s)


async def _to_given_up(store: FinetuningStore) -> Finetuning | None:
    marked = await store.mark_submitting(await _held(store))
    assert marked is not None
    given_up = await store.withdraw_submission(marked, reason="no job turned up", unanswered=True)
    assert given_up is not None
    await store.release(given_up)
    return given_up


async def _to_frozen(store: FinetuningStore) -> Finetuning | None:
    frozen = await _frozen(store)
    await store.release(frozen)
    return frozen


async def _held(store: FinetuningStore) -> Finetuning:
    """Store a finetuning and take it, under a lease, to an uploaded training file."""
    attached = await store.attach_file(await _frozen(store), FILE_ID)
    assert attached is not None
    return attached


async def _frozen(store: FinetuningStore) -> Finetuning:
    """Store a finetuning and take it, under a lease, to a dataset about to be uploaded."""
    await store.insert(
        Finetuning(
            id=FINETUNING_ID,
            tenant="default",
            db_connection_id=CONNECTION_ID,
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
    return frozen


def _nothing(system: System) -> None:
    """Leave the provider empty."""


def _file(system: System) -> None:
    name = f"finetuning-{FINETUNING_ID}-0.jsonl"
    at_once(system.provider.upload_training_file(b"", filename=name))


def _job(system: System) -> None:
    _file(system)
    system.oracle.posted(at=0, answered=True)
    at_once(system.provider.create_job(SPEC))


def _file_in_the_making(system: System) -> None:
    _file(system)
    system.provider.processed_at = PROCESSING_S


def _unusable_file(system: System) -> None:
    _file_in_the_making(system)
    system.provider.finds_files_unusable = True


def _slow_to_stop(system: System) -> None:
    _job(system)
    system.provider.stopping_s = STOPPING_S


def _paused(system: System) -> None:
    _job(system)
    system.provider.end_jobs("paused")


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


def _create_beyond_grace(system: System) -> None:
    _create_on_its_way(system)
    system.pass_to(TIMING.grace_s)


def _unlisted(lists: Lists, provider: Callable[[System], None]) -> Callable[[System], None]:
    def begun(system: System) -> None:
        provider(system)
        system.provider.lists = lists

    return begun


SPEC = JobSpec(
    finetuning_id=str(FINETUNING_ID),
    deployment_id="here",
    model="m",
    training_file_id=FILE_ID,
    alias="library",
    n_epochs=3,
    batch_size=1,
    learning_rate_multiplier="auto",
)


def _dropping(prepare: Callable[[System], None], *, list_prefix: str = "") -> Callable[[System], None]:
    """Return the provider's side behind an endpoint without metadata."""

    def prepared(system: System) -> None:
        system.provider.drops_metadata = True
        system.provider.list_prefix = list_prefix
        prepare(system)

    return prepared


def _of_account(prepare: Callable[[System], None]) -> Callable[[System], None]:
    """Return the provider's side under an account of a tenant."""

    def prepared(system: System) -> None:
        system.account.can_fail = True
        prepare(system)

    return prepared


NOTHING = Start(None, _nothing)
"""The finetuning is still to be created."""
STALE = Start(_to_frozen, _file)
"""A training file was uploaded unheard. Its golden records have changed since."""
UPLOADED = Start(_to_uploaded, _file)
"""The training file is at the provider, the job still to be made."""
TRAINING = Start(_to_training, _job)
"""A job trains."""
WATCHED = Start(_to_watched, _job)
"""A job trains, and has just been looked at."""
CREATE_ON_ITS_WAY = Start(_to_open_create, _create_on_its_way)
"""A create call is still on its way although its caller has given it up."""
REFUSED_LISTS = Start(_to_open_create, _unlisted(Lists.REFUSED, _create_on_its_way))
"""The same, at an endpoint that refuses every list."""
LISTS_DOWN = Start(_to_open_create, _unlisted(Lists.DOWN, _create_on_its_way))
"""The same, at an endpoint with its lists down for now."""
GIVEN_UP = Start(_to_given_up, _create_beyond_grace)
"""A create call is still on its way although it has been given up, and another is about to be made."""
UPLOADED_UNMARKED = Start(_to_uploaded, _dropping(_file))
"""The same as ``UPLOADED``, behind an endpoint that drops a job's metadata."""
GIVEN_UP_UNMARKED = Start(_to_given_up, _dropping(_create_beyond_grace))
"""The same as ``GIVEN_UP``, behind an endpoint that drops a job's metadata."""
UPLOADED_UNDER_ACCOUNT = Start(_to_uploaded, _of_account(_file))
"""The training file is at the provider, and the account may become unusable for a while."""
TRAINING_UNDER_ACCOUNT = Start(_to_training, _of_account(_job))
"""A job trains, and the account may become unusable for a while."""
OTHER_IDS = Start(_to_training, _dropping(_job, list_prefix=LISTED))
"""A job trains behind an endpoint without metadata. The endpoint's list has ids of its own."""
UPLOADED_OTHER_IDS = Start(_to_uploaded, _dropping(_file, list_prefix=LISTED))
"""The job is still to be made behind such an endpoint."""
PROCESSING = Start(_to_processing, _file_in_the_making)
"""The training file is at the provider, still in processing."""
UNUSABLE = Start(_to_processing, _unusable_file)
"""The same, and nothing will come of it."""
SLOW_TO_STOP = Start(_to_training, _slow_to_stop)
"""A job trains at a provider with slow cancels. The provider says so."""
IN_OTHER_WORDS = Start(_to_training, _paused)
"""A job is live, in a word unknown here."""
