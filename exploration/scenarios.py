"""The scenarios.

A scenario has a start, its actors, and a budget of faults.
"""

from collections import Counter
from dataclasses import dataclass

from exploration.parts import REAL, Budget, Parts, Role
from exploration.starts import (
    CREATE_ON_ITS_WAY,
    FINETUNING_ID,
    GIVEN_UP,
    GIVEN_UP_UNMARKED,
    IN_OTHER_WORDS,
    LISTS_DOWN,
    NOTHING,
    OTHER_IDS,
    PROCESSING,
    REFUSED_LISTS,
    SLOW_TO_STOP,
    STALE,
    TRAINING,
    TRAINING_UNDER_ACCOUNT,
    UNUSABLE,
    UPLOADED,
    UPLOADED_OTHER_IDS,
    UPLOADED_UNDER_ACCOUNT,
    UPLOADED_UNMARKED,
    WATCHED,
    Start,
    document_of,
)
from exploration.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A start, its actors, and the bound on their disturbances."""

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
        system = System(parts=parts, budget=budget)
        if self.start.document is not None:
            system.known_as(FINETUNING_ID)
            system.begin(document_of(self.start.document))
        self.start.provider(system)
        for number in range(self.workers):
            system.add(Role.WORKER, number + 1)
        for role, count in Counter(self.others).items():
            for number in range(count):
                system.add(role, number + 1)
        system.awaited = [Role.CANCEL] * self.cancels
        system.replace_the_dead()
        return system


SCENARIOS = [
    Scenario(
        name="one job, two workers, one cancel, one crash, one fault",
        start=UPLOADED,
        workers=2,
        crashes=1,
        faults=1,
    ),
    Scenario(name="two cancels at once, one fault", start=TRAINING, cancels=2, faults=1),
    Scenario(
        name="an account is unusable for a while: create against cancel",
        start=UPLOADED_UNDER_ACCOUNT,
        crashes=1,
        faults=1,
    ),
    Scenario(
        name="an account is unusable for a while: two cancels",
        start=TRAINING_UNDER_ACCOUNT,
        cancels=2,
        faults=2,
        ends=1,
    ),
    Scenario(name="two cancels at once while the job is made", start=UPLOADED, cancels=2, crashes=1),
    Scenario(
        name="cancel against a create of unknown outcome",
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
    Scenario(
        name="a cancel among many against a cancel",
        start=UPLOADED,
        others=(Role.CANCEL_MANY,),
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
    Scenario(
        name="create, work and cancel from nothing",
        start=NOTHING,
        others=(Role.CREATE,),
        crashes=1,
        faults=2,
    ),
    Scenario(
        name="another upload after the golden records changed",
        start=STALE,
        workers=2,
        crashes=1,
        faults=1,
    ),
    Scenario(
        name="two creates with one key at once",
        start=NOTHING,
        cancels=0,
        others=(Role.CREATE, Role.CREATE),
        crashes=1,
        faults=1,
    ),
    Scenario(
        name="a webhook delivered twice",
        start=WATCHED,
        cancels=0,
        others=(Role.WEBHOOK, Role.WEBHOOK),
        crashes=1,
        ends=1,
    ),
    Scenario(
        name="bulk sync against cancel and success",
        start=WATCHED,
        others=(Role.SYNC,),
        ends=1,
        jumps=1,
    ),
    Scenario(
        name="bulk sync against webhook and worker",
        start=WATCHED,
        cancels=0,
        others=(Role.SYNC, Role.WEBHOOK),
        faults=1,
        ends=1,
    ),
    Scenario(
        name="the first job turns up after a second create",
        start=GIVEN_UP,
        others=(Role.SWEEP,),
        faults=1,
        ticks=6,
    ),
    Scenario(name="metadata is dropped: create against cancel", start=UPLOADED_UNMARKED, faults=1),
    Scenario(
        name="metadata is dropped: create against delete",
        start=UPLOADED_UNMARKED,
        cancels=0,
        others=(Role.DELETE,),
        faults=1,
        ends=1,
    ),
    Scenario(
        name="metadata is dropped: the first job turns up late",
        start=GIVEN_UP_UNMARKED,
        others=(Role.SWEEP,),
        ticks=6,
    ),
    Scenario(
        name="metadata is dropped: sweep while the job is made",
        start=UPLOADED_UNMARKED,
        cancels=0,
        others=(Role.SWEEP,),
        faults=1,
    ),
    Scenario(
        name="a list with ids of its own: sweep against cancel",
        start=OTHER_IDS,
        others=(Role.SWEEP,),
        faults=1,
    ),
    Scenario(
        name="a list with ids of its own: sweep while the job is made",
        start=UPLOADED_OTHER_IDS,
        cancels=0,
        others=(Role.SWEEP,),
        crashes=1,
        faults=1,
    ),
    Scenario(
        name="a cancel with a slow provider",
        start=SLOW_TO_STOP,
        crashes=1,
        faults=1,
        ticks=4,
    ),
    Scenario(name="a job in an unknown word", start=IN_OTHER_WORDS, workers=2, faults=1),
    Scenario(
        name="a file still in processing",
        start=PROCESSING,
        workers=2,
        crashes=1,
        faults=1,
        ticks=6,
    ),
    Scenario(name="an unusable file", start=UNUSABLE, crashes=1, faults=1, ticks=6),
    Scenario(name="cancel at an endpoint with refused lists", start=REFUSED_LISTS, jumps=1, ticks=6),
    Scenario(name="an endpoint with refused lists", start=REFUSED_LISTS, cancels=0, jumps=1, ticks=6),
    Scenario(name="cancel while lists are down", start=LISTS_DOWN, jumps=1, ticks=4),
    Scenario(
        name="give up against cancel while the job is made",
        start=UPLOADED,
        others=(Role.GIVE_UP,),
        crashes=1,
        faults=1,
    ),
    Scenario(
        name="give up against cancel while the job trains",
        start=TRAINING,
        others=(Role.GIVE_UP,),
        faults=1,
        ends=1,
    ),
    Scenario(
        name="give up an open create with its lists down",
        start=LISTS_DOWN,
        cancels=0,
        others=(Role.GIVE_UP, Role.DELETE),
        jumps=1,
        ticks=4,
    ),
]
