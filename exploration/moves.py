"""The moves allowed by a state.

A move makes the next call and gives its outcome, ends a process, delivers a message, or lets time pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from exploration.actor import Actor, Ending, Kind, crashed, made
from exploration.faults import DENIALS, ENDS, FAULTS, NOTICING, OPEN, RECORD_GONE, REPEATS, SHUTS, TELLING
from exploration.owned_loop import at_once
from exploration.system import System, settled
from graphql_api.catalogue.dataset import REQUIRED_GOLDEN_RECORDS

DELAYABLE = frozenset({"upload_training_file", "create_job", "cancel_job"})
"""These calls matter even if they arrive after their caller stopped waiting."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a schedule; ``cost`` names the budget it takes from."""

    text: str
    do: Callable[[], None]
    cost: str | None = None


def moves(system: System) -> Iterator[Move]:
    """Yield all moves, the plainest first; no move if the run is over."""
    plainest = next(plain := progress(system), None)
    if plainest is None:
        yield from _last_deliveries(system)
        return
    yield plainest
    yield from plain
    yield from _faults(system) if system.budget.faults else ()
    yield from _ends(system) if system.budget.ends else ()
    yield from _deaths(system) if system.budget.crashes else ()
    yield from _jumps(system) if system.budget.jumps else ()
    yield from _deliveries(system)


def perform(system: System, move: Move) -> None:
    """Take the step and pay for it; replace every dead actor."""
    if move.cost is not None:
        setattr(system.budget, move.cost, getattr(system.budget, move.cost) - 1)
    move.do()
    if move.cost not in {None, "ticks"}:
        system.oracle.disturb()
    system.replace_the_dead()


def progress(system: System) -> Iterator[Move]:
    """Yield the moves of a quiet day: calls are made, turns begin, time passes."""
    yield from _calls(system)
    if system.claimable_at() <= system.loop.time():
        yield from _turns(system)
    yield from _wakes(system)
    if system.budget.ticks:
        yield from _tick(system)


def _in_order(system: System) -> list[Actor]:
    """Return the actors, the last mover first."""
    return sorted(system.actors, key=lambda actor: actor.name != system.last_moved)


def _calls(system: System) -> Iterator[Move]:
    for actor in _in_order(system):
        if actor.parked and actor.is_mid_turn:
            yield Move(f"{actor.name}: {actor.parked.name}", partial(_make, system, actor, made))


def _turns(system: System) -> Iterator[Move]:
    for actor in _in_order(system):
        if actor.parked and actor.parked.kind is Kind.IDLE:
            yield Move(f"{actor.name} begins a turn", partial(_begin, system, actor))


def _wakes(system: System) -> Iterator[Move]:
    for actor in _in_order(system):
        if actor.parked and actor.parked.kind is Kind.SLEEP:
            yield Move(f"{actor.name} looks again", partial(_wake, system, actor))


def _tick(system: System) -> Iterator[Move]:
    """Let time pass until a worker finds work; past the lease of a live holder it takes a jump."""
    due = system.claimable_at()
    if system.loop.time() < due < float("inf") and _holder(system) is None:
        yield Move(f"time passes to {due:g} s", partial(system.pass_to, due), "ticks")


def _faults(system: System) -> Iterator[Move]:
    for actor, name in _calls_about_to_be_made(system):
        is_calling = actor.parked is not None and actor.parked.kind is Kind.PROVIDER
        shuts = SHUTS if system.account.can_fail and is_calling else {}
        for what, fault in (FAULTS.get(name, {}) | shuts).items():
            if _can_happen(system, name, what):
                do = partial(_make, system, actor, fault(system), is_open=what in OPEN)
                yield Move(f"{actor.name}: {name} - {what}", do, "faults")


def _can_happen(system: System, name: str, what: str) -> bool:
    """Return whether there is a job for it, denied at most for the grace time."""
    jobs = system.provider.jobs.values()
    if what in DENIALS and any(job.is_denied for job in jobs):
        return False
    if what in REPEATS:
        return system.provider.drops_metadata and not system.provider.list_prefix
    if what == RECORD_GONE:
        return len(system.sources.records) > REQUIRED_GOLDEN_RECORDS
    return bool(jobs) or name not in NOTICING or what == "lost on its way" or what in SHUTS


def _ends(system: System) -> Iterator[Move]:
    for actor, name in _calls_about_to_be_made(system):
        if name in NOTICING | TELLING and system.provider.live_jobs():
            for what, fault in ENDS.items():
                do = partial(_make, system, actor, fault(system))
                yield Move(f"{actor.name}: {name} - {what}", do, "ends")


def _deaths(system: System) -> Iterator[Move]:
    for actor in system.actors:
        if actor.parked and actor.is_mid_turn:
            at = f"{actor.name} at {actor.parked.name}"
            yield Move(f"crash of {at}", partial(actor.proceed, crashed), "crashes")
            for fate in _fates(actor) if actor.parked.kind is Kind.PROVIDER else ["dropped"]:
                text = f"orderly stop of {at}, its call {fate}"
                yield Move(text, partial(_stop, system, actor, fate), "crashes")


def _jumps(system: System) -> Iterator[Move]:
    now, timer, holder = system.loop.time(), system.loop.next_timer(), _holder(system)
    targets = {
        "a time limit": timer,
        "the lease": system.claimable_at() if holder else None,
        "the grace time": now + system.parts.timing.grace_s if _is_open(system) else None,
    }
    for what, target in targets.items():
        if target is not None and target > now:
            limited = [actor for actor in system.actors if actor.is_mid_turn and timer and timer <= target]
            fates = {fate for actor in limited for fate in _fates(actor)} or {"dropped"}
            for fate in sorted(fates, reverse=True):
                text = f"{what} passes, broken-off calls {fate}"
                yield Move(text, partial(_jump, system, target, fate, limited), "jumps")


def _deliveries(system: System) -> Iterator[Move]:
    """Yield the arrival of delayed calls just before a call that could notice."""
    if any(_provider_calls(system)):
        for call in system.delayed:
            yield Move(f"the delayed {call.name} arrives", partial(system.deliver, call))


def _last_deliveries(system: System) -> Iterator[Move]:
    if system.delayed and not system.keeps_delayed:
        for call in system.delayed:
            yield Move(f"the delayed {call.name} arrives", partial(system.deliver, call))
        yield Move("every delayed call arrives after the end", partial(_keep_delayed, system))


def _calls_about_to_be_made(system: System) -> Iterator[tuple[Actor, str]]:
    for actor in system.actors:
        if actor.parked and actor.is_mid_turn:
            yield actor, actor.parked.name


def _provider_calls(system: System) -> Iterator[tuple[Actor, str]]:
    for actor in system.actors:
        if actor.parked and actor.parked.kind is Kind.PROVIDER:
            yield actor, actor.parked.name


def _fates(actor: Actor) -> list[str]:
    """Return the possible fates of the parked call after its caller stops waiting."""
    name = actor.parked.name if actor.parked else ""
    return ["dropped", "applied", *(["delayed"] if name in DELAYABLE else [])]


def _holder(system: System) -> Actor | None:
    """Return the live actor in the middle of a turn under the current lease."""
    lease = system.finetuning and system.finetuning.lease
    held = (actor for actor in system.actors if actor.is_mid_turn and lease and actor.token == lease.token)
    return next(held, None)


def _is_open(system: System) -> bool:
    finetuning = system.finetuning
    return bool(finetuning and (finetuning.submission or finetuning.missing_since))


def _make(system: System, actor: Actor, ending: Ending, *, is_open: bool = False) -> None:
    system.last_moved = actor.name
    if actor.parked and actor.parked.name == "create_job":
        system.oracle.posted(at=actor.parked.made_at, answered=not is_open)
    actor.proceed(ending)


def _begin(system: System, actor: Actor) -> None:
    """Begin a turn with its claim: being about to claim is no different from being idle."""
    system.last_moved = actor.name
    actor.proceed(made)
    actor.proceed(made)


def _wake(system: System, actor: Actor) -> None:
    assert actor.parked is not None
    system.last_moved = actor.name
    system.pass_to(actor.parked.until)
    actor.proceed(made)


def _stop(system: System, actor: Actor, fate: str) -> None:
    system.abandon = fate
    actor.stop()
    system.abandon = "dropped"


def _jump(system: System, target: float, fate: str, limited: list[Actor]) -> None:
    """Let time pass; a call sent before and carried out was carried out before."""
    calls = [actor.parked for actor in limited if actor.parked and fate == "applied"]
    for call in calls:
        at_once(settled(call))
    system.abandon = "dropped" if calls else fate
    system.pass_to(target)
    system.abandon = "dropped"


def _keep_delayed(system: System) -> None:
    system.keeps_delayed = True
