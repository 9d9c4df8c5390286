"""One trial: an input alone, then beside the bystander."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import monotonic

from hostile.input import Input, Kind
from hostile.limits import Cost, Idle, waits_of
from hostile.stage import Stage
from processes.usage import cpu_s, resident_bytes

MB = 2**20
LOOK_S = 1.6
IDLE_S = 0.4
CANCELS = 3
IDLE_CANCELS = 1
SAMPLE_S = 0.01
REST_S = 0.05
"""How long the server gets to end what an answer leaves behind."""
CHEAP_S = 0.2
ALONE = 3
"""A cheap input is sent as often alone; the middle counts."""
QUIET_S = 0.2
QUIET_SHARE = 0.1
"""The part of a core that an idle server's own rounds use at most."""
QUIET_WITHIN_S = 5.0
GIVEN_BACK_S = 2.0
"""How long memory may take to be given back."""
SMALL_MB = 10.0


@dataclass(slots=True)
class Memory:
    """The memory of the server above its first figure, in megabytes."""

    pid: int
    before: int = 0
    peak: int = 0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Keep the highest figure of the time within."""
        self.before = self.peak = resident_bytes(self.pid)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def kept_mb(self) -> float:
        """Wait until nearly all is given back, and return what is not."""
        deadline = monotonic() + GIVEN_BACK_S
        kept = self._above(resident_bytes(self.pid))
        while kept > SMALL_MB and monotonic() < deadline:
            await asyncio.sleep(SAMPLE_S)
            kept = self._above(resident_bytes(self.pid))
        return kept

    @property
    def peak_mb(self) -> float:
        """The highest figure so far."""
        return self._above(self.peak)

    def _above(self, found: int) -> float:
        return max(0, found - self.before) / MB

    async def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, resident_bytes(self.pid))
            await asyncio.sleep(SAMPLE_S)


async def rest(stage: Stage, idle: Idle, *, for_s: float = IDLE_S, cancels: int = IDLE_CANCELS) -> None:
    """Undo what the last input left behind, then note what the bystander sees beside nobody."""
    await stage.restore()
    await _quiet(stage.server.pid)
    looked = await stage.bystander.look(for_s=for_s, cancels=stage.to_cancel(cancels))
    idle.reads_s += looked.reads_s
    idle.cancels_s += looked.cancels_s


async def _quiet(pid: int) -> None:
    """Wait until the server has nothing to do, or no longer."""
    deadline, used = monotonic() + QUIET_WITHIN_S, 1.0
    while used > QUIET_SHARE and monotonic() < deadline:
        before = cpu_s(pid)
        await asyncio.sleep(QUIET_S)
        used = (cpu_s(pid) - before) / QUIET_S


async def tried(stage: Stage, one: Input) -> Cost:
    """Send the input alone and beside the bystander, and return its cost."""
    memory = Memory(stage.server.pid)
    async with memory.watched():
        answer, cpu_ms = await _alone(stage, one)
        looking = stage.bystander.look(for_s=LOOK_S, cancels=stage.to_cancel(CANCELS))
        looked, _ = await asyncio.gather(looking, _repeated(stage, one))
    return Cost(
        name=one.name,
        kind=one.kind,
        answer=answer,
        cpu_ms=cpu_ms,
        peak_mb=memory.peak_mb,
        kept_mb=await memory.kept_mb(),
        waits=waits_of(looked.reads_s, looked.cancels_s, wrong=looked.wrong),
    )


async def _alone(stage: Stage, one: Input) -> tuple[str, float]:
    """Return the input's answer, and the server's CPU time in milliseconds."""
    answer, first_ms = await _sent(stage, one)
    if one.kind is Kind.FLOOD or first_ms > 1000 * CHEAP_S:
        return answer, first_ms
    others = [(await _sent(stage, one))[1] for _ in range(ALONE - 1)]
    return answer, median([first_ms, *others])


async def _sent(stage: Stage, one: Input) -> tuple[str, float]:
    attacker = await stage.attacker()
    before = cpu_s(stage.server.pid)
    answer = await _safely(one.attack(attacker))
    await asyncio.sleep(REST_S)
    return answer, 1000 * (cpu_s(stage.server.pid) - before)


async def _repeated(stage: Stage, one: Input) -> None:
    """Send the input again, evenly over the look."""
    attacker = await stage.attacker()
    for _ in range(one.times):
        until = monotonic() + LOOK_S / one.times
        await _safely(one.attack(attacker))
        await asyncio.sleep(until - monotonic())


async def _safely(attack: Awaitable[str]) -> str:
    """Return the answer; an attack that finds the door shut is answered, too."""
    try:
        return await attack
    except (OSError, EOFError, TimeoutError) as shut:
        return type(shut).__name__
