"""``make bench-subscribers``: the cost of 2,000 subscribers.

It also measures the delay of their events.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

from beanie import PydanticObjectId
from bson import ObjectId

from benchmarks.command import run
from benchmarks.samples import store_training
from benchmarks.stage import Stage, open_stage
from benchmarks.subscriber import Subscriber, connect
from graphql_api.store.database import Database

SUBSCRIBERS = 2_000
AT_ONCE = 50
IDLE_S = 15.0
"""As long as the server takes to ping each subscriber one time."""
WRITES_TO_ONE = 200
WRITES_TO_ALL = 10


@dataclass(slots=True)
class Arrivals:
    """The arrivals of events; its caller knows their due number."""

    times: list[float] = field(default_factory=list)
    _wanted: int = 0
    _complete: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, time: float) -> None:
        """Note one."""
        self.times.append(time)
        if len(self.times) == self._wanted:
            self._complete.set()

    async def wait(self, count: int) -> list[float]:
        """Wait for so many arrivals, return them and forget them."""
        self._wanted = count
        while len(self.times) < count:
            self._complete.clear()
            await self._complete.wait()
        times, self.times = self.times, []
        return times


async def main() -> None:
    """Print the figures."""
    async with open_stage() as stage:
        ids = await store_training(
            stage.database, {PydanticObjectId(): f"ftjob-{n}" for n in range(SUBSCRIBERS)}
        )
        arrivals = Arrivals()
        subscribers = await _crowd(stage, ids, arrivals)
        print(
            f"idle: {await _idle_cpu(stage):.1%} of one core; each is pinged once in {IDLE_S:.0f} s",
            flush=True,
        )
        told = [await _told_of(stage.database, ids[n], arrivals, 1) for n in range(WRITES_TO_ONE)]
        print(f"a write about one of them: {_delays(told)}", flush=True)
        await _follow_all(subscribers, arrivals, stage.database, ids[0])
        before, started = stage.server.cpu_s(), perf_counter()
        told = [await _told_of(stage.database, ids[0], arrivals, SUBSCRIBERS) for _ in range(WRITES_TO_ALL)]
        cpu_s, elapsed_s = stage.server.cpu_s() - before, perf_counter() - started
        print(f"a write about all of them: {_delays(told)}")
        events = SUBSCRIBERS * WRITES_TO_ALL
        print(f"events: {events / elapsed_s:.0f} a second, {1000 * cpu_s / events:.3f} ms of CPU each")
        for subscriber in subscribers:
            subscriber.close()


async def _crowd(stage: Stage, ids: Sequence[str], arrivals: Arrivals) -> list[Subscriber]:
    """Return a subscriber of each finetuning, and print their cost."""
    print(f"{SUBSCRIBERS} subscribers of one server process, each of its own finetuning")
    print(f"idle without them: {await _idle_cpu(stage):.1%} of one core", flush=True)
    memory_before, cpu_before = stage.server.memory_bytes(), stage.server.cpu_s()
    subscribers = list[Subscriber]()
    for start in range(0, SUBSCRIBERS, AT_ONCE):
        subscribers += await _subscribed(stage, ids[start : start + AT_ONCE], arrivals)
    cpu_s = stage.server.cpu_s() - cpu_before
    print(f"connected and told the present: {1000 * cpu_s / SUBSCRIBERS:.2f} ms of CPU each")
    memory_bytes = stage.server.memory_bytes() - memory_before
    print(f"memory: {memory_bytes / SUBSCRIBERS / 1024:.1f} KiB each", flush=True)
    return subscribers


async def _follow_all(
    subscribers: Sequence[Subscriber], arrivals: Arrivals, database: Database, finetuning_id: str
) -> None:
    """Let all subscribers follow all finetunings, and wait for the last of them."""
    for subscriber in subscribers:
        subscriber.leave()
        subscriber.follow(None)
    while len(await _told_within(database, finetuning_id, arrivals, seconds=10)) < SUBSCRIBERS:
        pass


async def _subscribed(stage: Stage, ids: Sequence[str], arrivals: Arrivals) -> list[Subscriber]:
    """Return a subscriber of each finetuning after its first event with the present state."""
    connecting = [connect(stage.server.port, arrivals.add) for _ in ids]
    subscribers = await asyncio.gather(*connecting)
    for subscriber, finetuning_id in zip(subscribers, ids, strict=True):
        subscriber.follow(finetuning_id)
    await arrivals.wait(len(ids))
    return subscribers


async def _idle_cpu(stage: Stage) -> float:
    before = stage.server.cpu_s()
    await asyncio.sleep(IDLE_S)
    return (stage.server.cpu_s() - before) / IDLE_S


async def _told_of(database: Database, finetuning_id: str, arrivals: Arrivals, audience: int) -> list[float]:
    """Write one time, and return the delay of each subscriber's event, in seconds."""
    change = {"$inc": {"version": 1}, "$currentDate": {"updated_at": True}}
    started = perf_counter()
    await database["finetunings"].update_one({"_id": ObjectId(finetuning_id)}, change)
    return [time - started for time in await arrivals.wait(audience)]


async def _told_within(
    database: Database, finetuning_id: str, arrivals: Arrivals, *, seconds: float
) -> list[float]:
    """Write one time, and return the arrivals in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await _told_of(database, finetuning_id, arrivals, SUBSCRIBERS)
    return await arrivals.wait(len(arrivals.times))


def _delays(told: Sequence[Sequence[float]]) -> str:
    hundredths = quantiles([1000 * delay for delays in told for delay in delays], n=100)
    return f"told after p50 {hundredths[49]:.1f} ms, p99 {hundredths[98]:.1f} ms ({len(told)} writes)"


if __name__ == "__main__":
    run(main())
