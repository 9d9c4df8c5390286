"""Subscriptions through the death of MongoDB's primary.

Nothing is missed and nothing is told twice.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from beanie import PydanticObjectId
from pymongo import WriteConcern
from pymongo.errors import PyMongoError

from chaos.replica_set import uri
from exploration.samples import job
from graphql_api.caller import ANONYMOUS
from graphql_api.documents import BaseLlm, Finetuning, FinetuningStatus, ProviderEvent
from graphql_api.following.change_feed import Feed
from graphql_api.following.followers import follow_events, follow_finetunings
from graphql_api.providers import port
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database, connect, initialise
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.history import HistoryEvent
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.provider_log import ProviderLog, told_identity
from tests.following.test_change_feed import Late, first_of, of
from tests.processes.own_mongod import OwnMongod, own_mongod
from tests.processes.patience import DEADLINE_S, until
from tests.processes.replicas import TIMEOUT_S, replica_set

WRITES_BEFORE, WRITES_AFTER = 20, 20

T = TypeVar("T")


@asynccontextmanager
async def parts(
    mongodb: str, *, stream: type[ChangeStream] = ChangeStream
) -> AsyncIterator[tuple[Database, Feed, ChangeStream]]:
    """Yield a server's database, its feed, and the feed's own stream."""
    async with connect(mongodb, timeout_s=TIMEOUT_S) as client:
        database = client["feed"]
        await initialise(database)
        changes = stream(database)
        feed = Feed(changes)
        yield database, feed, changes
        await feed.close()


async def persistently(do: Callable[[], Awaitable[T]]) -> T:
    """Do it, again and again, up to an answer of MongoDB."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with suppress(PyMongoError):
                return await do()
            await asyncio.sleep(0.05)


@dataclass(slots=True, kw_only=True)
class Writer:
    """Makes a finetuning's timeline and its job's log grow, as the engine does, through any outage."""

    store: FinetuningStore
    log: ProviderLog
    finetuning: Finetuning
    told: list[port.JobEvent] = field(default_factory=list)

    async def write(self, count: int) -> None:
        """Grow by as many changes of status, each with two lines."""
        for number in range(count):
            status = [FinetuningStatus.RUNNING, FinetuningStatus.QUEUED][number % 2]
            await persistently(lambda status=status: self._change(status))  # type: ignore[misc]  # bound now
            moment = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=number % 3)
            for part in "ab":
                name = f"{len(self.told)}{part}"
                event = port.JobEvent(id=name, at=moment, level="info", message=name)
                self.told.append(event)
            await persistently(self._keep_up)

    async def _change(self, status: FinetuningStatus) -> None:
        held = await self.store.claim(self.finetuning.id, token="writer")
        if held is not None:
            await self.store.record_sync(held, job(), status=status, due_in_s=0)

    async def _keep_up(self) -> None:
        claimed = await self.log.claim(token="writer")
        if claimed is not None:
            tail = await self.log.tail(claimed)
            identities = [told_identity(event) for event in self.told]
            digests = [digest for one in identities for digest in one.digests]
            known = await self.log.known(claimed, digests, tail=tail)
            fresh = [
                event
                for event, identity in zip(self.told, identities, strict=True)
                if known.isdisjoint(identity.digests)
            ]
            await self.log.append(claimed, fresh, start=tail.next_number)
            lines = tail.next_number + len(fresh)
            await self.log.record(claimed, lines=lines, checkpoints=None, due_in_s=0)


async def writer_on(database: Database) -> Writer:
    """Return a writer of a new finetuning in training."""
    leased = LeasedFinetunings(database["finetunings"], owner="tests", lease_s=0.2)
    now = datetime.now(UTC)
    finetuning = Finetuning(
        tenant=ANONYMOUS.tenant,
        db_connection_id=PydanticObjectId(),
        alias="followed",
        base_llm=BaseLlm(model_provider="openai", model_name="m"),
        finetuning_job_id="ftjob-1",
        created_at=now,
        updated_at=now,
        due_at=now,
    )
    store = FinetuningStore(leased)
    stored = await store.insert(finetuning)
    assert stored is not None
    due = {"$set": {"log_work": {"due_at": now, "token": None, "faults": 0}}}
    await database["finetunings"].update_one({"_id": stored.id}, due)
    return Writer(store=store, log=ProviderLog(leased), finetuning=stored)


@dataclass(slots=True, kw_only=True)
class Reader:
    """A client with new subscriptions from its last cursor, from need and now and then without cause."""

    feed: Feed
    finetuning: Finetuning
    patience: Callable[[], int]
    cursor: str | None = None
    seen: list[HistoryEvent] = field(default_factory=list)
    subscribed: int = 0

    async def read(self) -> None:
        """Read to the cancellation."""
        while True:
            with suppress(PyMongoError):
                await self._subscribe()
            await asyncio.sleep(0)

    async def _subscribe(self) -> None:
        self.subscribed += 1
        left = self.patience()
        events = follow_events(self.feed, str(self.finetuning.id), after=self.cursor, caller=ANONYMOUS)
        async with aclosing(events):
            async for self.cursor, event in events:
                self.seen.append(event)
                left -= 1
                if left == 0:
                    return


async def test_a_primary_is_killed_under_its_readers(tmp_path: Path) -> None:
    """Lasting readers and readers coming again with their last cursor see every event exactly once."""
    async with AsyncExitStack() as stack:
        replicas = await stack.enter_async_context(replica_set(tmp_path))
        database, feed, _ = await stack.enter_async_context(parts(uri(replicas.ports)))
        writer = await writer_on(database)
        random = Random(7)
        paces: list[Callable[[], int]] = [lambda: -1, lambda: random.randint(1, 5), lambda: 1]
        readers = [Reader(feed=feed, finetuning=writer.finetuning, patience=pace) for pace in paces]
        told: list[list[int]] = []
        tasks = [asyncio.create_task(reader.read()) for reader in readers]
        tasks.append(asyncio.create_task(_watch(feed, writer.finetuning, told)))
        await writer.write(WRITES_BEFORE)
        await replicas.kill_primary()
        await writer.write(WRITES_AFTER)
        now = await persistently(lambda: Finetuning.get(writer.finetuning.id))
        assert now is not None
        lines = await ProviderEvent.find({"finetuning_id": now.id}).sort("+number").to_list()
        assert [line.event_id for line in lines] == [event.id for event in writer.told]
        await until(lambda: all(len(one.seen) >= len(now.timeline) + len(lines) for one in readers))
        await until(lambda: told[-1][-1:] == [now.version])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for reader in readers:
        assert [one for one in reader.seen if not isinstance(one, ProviderEvent)] == now.timeline
        assert [one.id for one in reader.seen if isinstance(one, ProviderEvent)] == [one.id for one in lines]
    assert len(now.timeline) > WRITES_BEFORE + WRITES_AFTER
    assert all(versions == sorted(set(versions)) for versions in told)
    assert readers[2].subscribed > len(now.timeline)


async def test_what_was_not_yet_committed_is_told(tmp_path: Path) -> None:
    """A change without a majority yet is not in the present told first: it has to come after it."""
    async with AsyncExitStack() as stack:
        replicas = await stack.enter_async_context(replica_set(tmp_path))
        database, feed, _ = await stack.enter_async_context(parts(uri(replicas.ports)))
        writer = await writer_on(database)
        await replicas.be_patient()
        secondaries = await replicas.secondaries()
        for process in secondaries:
            process.send_signal(signal.SIGSTOP)
        changed = {"$set": {"alias": "changed"}, "$inc": {"version": 1}}
        at_once = database["finetunings"].with_options(write_concern=WriteConcern(w=1))
        await at_once.update_one({"_id": writer.finetuning.id}, changed)
        updates = follow_finetunings(
            feed, finetuning_id=str(writer.finetuning.id), db_connection_id=None, caller=ANONYMOUS
        )
        async with aclosing(updates), asyncio.timeout(DEADLINE_S):
            assert (await anext(updates)).alias == "followed"
            for process in secondaries:
                process.send_signal(signal.SIGCONT)
            assert (await anext(updates)).alias == "changed"


async def _watch(feed: Feed, finetuning: Finetuning, told: list[list[int]]) -> None:
    """Note the version of each state told, and subscribe again after a failure."""
    while True:
        updates: AsyncGenerator[Finetuning, None] = follow_finetunings(
            feed, finetuning_id=str(finetuning.id), db_connection_id=None, caller=ANONYMOUS
        )
        told.append([])
        with suppress(PyMongoError):
            async with aclosing(updates):
                async for one in updates:
                    told[-1].append(one.version)


class Watched(Late):
    """A stream with a signal for its wait to open again."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.waits = asyncio.Event()

    async def open(self, token: Any) -> Any:
        """Signal the wait, and wait."""
        if not self.may_open.is_set():
            self.waits.set()
        return await super().open(token)


class Forgotten(Watched):
    """A stream with a token unknown to MongoDB."""

    async def open(self, token: Any) -> Any:
        """Ask for a place before all of MongoDB's own."""
        return await super().open(token and {"_data": "82" + "0" * 30})


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[OwnMongod]:
    """Yield a mongod for the test to kill."""
    async with own_mongod(tmp_path / "mongod") as mongod:
        yield mongod


@pytest.mark.parametrize("stream", [Watched, Forgotten])
async def test_what_changed_while_nobody_listened_is_told(mongod: OwnMongod, stream: type[Watched]) -> None:
    """From the token on, or by reading all watched finetunings again if MongoDB has lost the token."""
    async with parts(mongod.run.uri, stream=stream) as (database, feed, changes):
        assert isinstance(changes, Watched)
        writer, other = await writer_on(database), await writer_on(database)
        everything = of(writer.finetuning).__class__(tenant=ANONYMOUS.tenant)
        async with feed.subscription(of(writer.finetuning)) as one, feed.subscription(everything) as all_:
            changes.may_open.clear()
            await mongod.kill()
            await changes.waits.wait()
            await mongod.start()
            await writer.write(1)
            await other.write(1)
            now = [await Finetuning.find_one({"_id": each.finetuning.id}) for each in (writer, other)]
            versions = {one.id: one.version for one in now if one is not None}
            changes.may_open.set()
            seen: dict[object, int] = {}
            assert (await first_of(one)).finetuning == now[0]
            while seen != versions:
                told = (await first_of(all_)).finetuning
                assert told.version > seen.get(told.id, -1)
                seen[told.id] = told.version
