"""Runs every schedule of a scenario from the start.

No state is entered twice. Schedules are taken in the order of their distance from the plainest one, so the
first violation found is among the shortest. Nothing is random: the same code gives the same counts.
"""

import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from structlog.testing import capture_logs

from exploration.faults import HIDDEN_S
from exploration.memory_versions import Versions
from exploration.moves import Move, moves, perform, progress
from exploration.oracle import Violation
from exploration.parts import REAL, Budget, Parts, Role
from exploration.provider import Lists
from exploration.scenarios import Scenario
from exploration.system import System

Choices = tuple[int, ...]
LONGEST_DRAIN = 500
ENDLESS = 10**9
LAST = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A violation and its schedule."""

    violation: Violation
    steps: list[str]
    choices: Choices


@dataclass(slots=True, kw_only=True)
class Findings:
    """The findings of an exploration. ``runs`` also counts runs given up at a known state."""

    scenario: str
    states: int = 0
    schedules: int = 0
    runs: int = 0
    late: int = 0
    longest_s: float = 0
    broken: list[Broken] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Run:
    """One run: the choices it was given, then always the first."""

    system: System
    given: Choices
    taken: list[int] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def play(self, known: set[int]) -> bool:
        """Run to the end, and return whether it came there without meeting a known state."""
        while (move := self._next()) is not None:
            perform(self.system, move)
            if self.system.oracle.violations:
                return True
            if len(self.taken) >= len(self.given) and not _is_new(self.system, known):
                return False
        drain(self.system, self.steps)
        return True

    def alternatives(self) -> Iterator[Choices]:
        """Yield the choices that leave this run at one of its own steps."""
        for number in range(len(self.given), len(self.taken)):
            for choice in range(1, self.offered[number]):
                yield (*self.taken[:number], choice)

    def _next(self) -> Move | None:
        """Return the given move, or the plainest; the full list is needed only if others may follow."""
        is_given = len(self.taken) < len(self.given)
        choice = self.given[len(self.taken)] if is_given else 0
        options = list(islice(moves(self.system), choice + 1 if is_given else None))
        if not options:
            return None
        self.steps.append(options[choice].text)
        self.taken.append(choice)
        self.offered.append(len(options))
        return options[choice]


def explore(
    scenario: Scenario, *, parts: Parts = REAL, deviations: int, first_only: bool = False
) -> Findings:
    """Run every schedule with at most this many deviations from the plainest."""
    remembering = replace(parts, collection=partial(parts.collection, versions=Versions()))
    with capture_logs(), garbage_collected_seldom():
        return _explored(scenario, remembering, deviations, first_only=first_only)


@contextmanager
def garbage_collected_seldom() -> Iterator[None]:
    """Save the sixth of the time spent on garbage collection: a run leaves little of it."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _explored(scenario: Scenario, parts: Parts, deviations: int, *, first_only: bool) -> Findings:
    findings, known, level = Findings(scenario=scenario.name), set[int](), deque[Choices]([()])
    for deviation in range(deviations + 1):
        following = deque[Choices]()
        while level and not (first_only and findings.broken):
            run = Run(system=scenario.system(parts), given=level.popleft())
            _note(findings, run, ended=run.play(known))
            if deviation < deviations:
                following.extend(run.alternatives())
        level = following
    findings.states = len(known)
    return findings


def drain(system: System, steps: list[str]) -> None:
    """End all faults, deliver all delayed calls, work until nothing is due, sweep, and judge the end."""
    system.budget = Budget(ticks=ENDLESS)
    provider = system.provider
    if provider.lists is Lists.DOWN:
        provider.lists = Lists.WORK
        system.oracle.disturb()
    _work_on(system, steps)
    while system.delayed:
        steps.append(f"the delayed {system.delayed[0].name} arrives at last")
        system.deliver(system.delayed[0])
        _work_on(system, steps)
    if provider.lists is Lists.REFUSED and system.finetuning is not None:
        system.oracle.finish_unlisted(system.finetuning)
        provider.lists = Lists.WORK
    system.pass_to(system.loop.time() + HIDDEN_S)
    system.add(Role.SWEEP, LAST)
    _work_on(system, steps)
    if system.finetuning is not None:
        system.oracle.finish(system.finetuning)


def _work_on(system: System, steps: list[str]) -> None:
    for _ in range(LONGEST_DRAIN):
        move = next(progress(system), None)
        if move is None:
            return
        if move.cost == "ticks" and system.finetuning and not system.finetuning.cancellation:
            system.provider.end_jobs("succeeded")
        steps.append(move.text)
        perform(system, move)
    system.oracle.blame("G5", "it goes on and on")


def _is_new(system: System, known: set[int]) -> bool:
    key = hash(system.key())
    if key in known:
        return False
    known.add(key)
    return True


def _note(findings: Findings, run: Run, *, ended: bool) -> None:
    oracle = run.system.oracle
    findings.runs += 1
    findings.schedules += ended
    findings.late += ended and oracle.late
    findings.longest_s = max(findings.longest_s, oracle.converged_s)
    findings.broken += [
        Broken(violation=violation, steps=run.steps, choices=tuple(run.taken))
        for violation in oracle.violations[:1]
    ]
