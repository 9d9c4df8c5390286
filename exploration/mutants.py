"""The mutants: engines with one faulty part each.

Each names the guarantee that finds it out.
"""

from dataclasses import dataclass, replace
from typing import Any

from exploration import faulty_accounts as accounts
from exploration import faulty_calls as calls
from exploration import faulty_marks as marks
from exploration import faulty_parts as faulty
from exploration import faulty_words as words
from exploration.parts import REAL, TIMING, Parts
from exploration.scenarios import SCENARIOS
from exploration.search import Findings, explore

MOST_DEVIATIONS = 5

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
ONE_JOB = "one job, two workers, one cancel, one crash, one fault"
TWO_CANCELS = "two cancels at once, one fault"
OPEN_CREATE = "cancel against a create of unknown outcome"
LATE_SUCCESS = "cancel against success at the provider"
PAUSED = "lease expiry under a paused holder"
TWO_CREATES = "lease expiry between two creates, two faults"
FROM_NOTHING = "create, work and cancel from nothing"
ONE_KEY = "two creates with one key at once"
DELIVERED_TWICE = "a webhook delivered twice"
TURNS_UP = "the first job turns up after a second create"
BULK_SYNC = "bulk sync against cancel and success"
BULK_HINTED = "bulk sync against webhook and worker"
DOWN = "cancel while lists are down"
REFUSED = "cancel at an endpoint with refused lists"
GIVING_UP = "give up against cancel while the job trains"
SWEPT = "sweep while the job is made"
UNMARKED = "metadata is dropped: create against cancel"
UNMARKED_DELETE = "metadata is dropped: create against delete"
OTHER_IDS = "a list with ids of its own: sweep against cancel"
SLOW_TO_STOP = "a cancel with a slow provider"
OTHER_WORD = "a job in an unknown word"
PROCESSING = "a file still in processing"
ACCOUNT_SHUT = "an account is unusable for a while: create against cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A design fault: its name, its parts, its scenario, and the guarantee that fails."""

    name: str
    parts: Parts
    scenario: str
    breaks: str


def hunted(mutant: Mutant) -> Findings:
    """Explore until the mutant is found out, the plainest schedules first."""
    scenario = BY_NAME[mutant.scenario]
    return explore(scenario, parts=mutant.parts, deviations=MOST_DEVIATIONS, first_only=True)


def _mutant(name: str, scenario: str, breaks: str, **part: Any) -> Mutant:
    return Mutant(name=name, parts=replace(REAL, **part), scenario=scenario, breaks=breaks)


MUTANTS = [
    _mutant("the SDK repeats a create", ONE_JOB, "G2", around_provider=faulty.RetryingCreate),
    _mutant(
        "an open create is taken for a failed one", ONE_JOB, "G3", around_provider=faulty.UnknownIsRefused
    ),
    _mutant("no durable mark before a create", ONE_JOB, "G3", around_store=faulty.NoMark),
    _mutant("no look-up before another create", ONE_JOB, "G3", around_provider=faulty.NoLookUp),
    _mutant("the grace time is ignored", OPEN_CREATE, "G3", timing=replace(TIMING, grace_s=0)),
    _mutant("cancelled is said at once", TWO_CANCELS, "G3", around_store=faulty.OptimisticCancel),
    _mutant("the cancel's 200 is believed", TWO_CANCELS, "G3", around_provider=faulty.BelievedCancel),
    _mutant("the first 404 is believed", TWO_CANCELS, "G3", around_store=faulty.AbsenceBelieved),
    _mutant("closed although a create is marked", OPEN_CREATE, "G3", leases=faulty.EagerClosing),
    _mutant("a given-up create is forgotten", OPEN_CREATE, "G3", around_store=faulty.ForgetsOpenCreate),
    _mutant("a sync writes unconditionally", PAUSED, "G4", store=faulty.UnconditionalSync),
    _mutant("an end overwrites an end", ONE_JOB, "G4", store=faulty.UnconditionalEnd),
    _mutant("no token in the filters", TWO_CREATES, "G2", leases=faulty.NoToken),
    _mutant("a turn ends over a new cancel", LATE_SUCCESS, "G1", leases=faulty.NoWanted),
    _mutant("a lease never expires", ONE_JOB, "G5", leases=faulty.NoExpiry),
    _mutant("a fault ends all tries", TWO_CANCELS, "G5", around_store=faulty.Sleeper),
    _mutant(
        "a cancel is dropped while the lease is held",
        ONE_JOB,
        "G1",
        around_store=faulty.CancelWaitsForTheLease,
    ),
    _mutant(
        "the provider is asked before the intent is stored",
        TWO_CANCELS,
        "G1",
        cancel=faulty.cancel_before_intent,
    ),
    _mutant("an idempotency key is not unique", ONE_KEY, "G7", collection=calls.NoUniqueKey),
    _mutant(
        "no look for a file before another upload", FROM_NOTHING, "G8", around_provider=calls.NoLookForAFile
    ),
    _mutant("a file's removal is tried only once", FROM_NOTHING, "G8", around_store=calls.RemovalGivenUp),
    _mutant(
        "a hint is remembered before it is due", DELIVERED_TWICE, "G5", take_hint=calls.remember_before_due
    ),
    _mutant("a hint during a turn is slept over", BULK_HINTED, "G5", leases=calls.HintsSleptOver),
    _mutant("the list is believed over newer facts", BULK_SYNC, "G6", around_upkeep=calls.ListBelieved),
    _mutant("the sweep stops a job whose create is marked", SWEPT, "G8", sweep=calls.sweep_unmarked),
    _mutant(
        "an orphan is judged only when it is listed", TURNS_UP, "G8", around_upkeep=calls.JudgedWhenListed
    ),
    _mutant("the first refused list is believed", OPEN_CREATE, "G3", leases=calls.RefusalBelieved),
    _mutant("an outage of lists is believed", DOWN, "G3", around_provider=calls.OutageBelieved),
    _mutant("a refused list decides nothing", REFUSED, "G5", around_provider=calls.RefusalIgnored),
    _mutant("giving up leaves the holder at work", GIVING_UP, "G4", leases=calls.GivenUpUnfenced),
    _mutant("giving up says confirmed", GIVING_UP, "G3", leases=calls.GivenUpForCertain),
    _mutant("an orphan is taken for one's own", TURNS_UP, "G8", leases=calls.OrphansForgotten),
    _mutant("a job is known by its metadata only", UNMARKED, "G2", around_provider=marks.KnownByMetadata),
    _mutant(
        "the file is looked for only after the grace time",
        UNMARKED,
        "G2",
        around_provider=marks.FileOnlyAfterGrace,
    ),
    _mutant("siblings are never looked for", UNMARKED, "G3", around_provider=marks.NoSiblings),
    _mutant("lost marks are not compared", UNMARKED, "G3", around_provider=marks.MarksNotCompared),
    _mutant("a deletion trusts lost marks", UNMARKED_DELETE, "G3", around_provider=marks.MarksNotCompared),
    _mutant("the sweep stops by the id alone", OTHER_IDS, "G8", sweep=marks.sweep_by_id_alone),
    _mutant("a half-way word is believed", SLOW_TO_STOP, "G3", around_provider=words.HalfwayBelieved),
    _mutant("a cancel is asked for in every turn", SLOW_TO_STOP, "G7", leases=words.AskedInEveryTurn),
    _mutant("an unknown word is believed", OTHER_WORD, "G6", around_provider=words.UnknownWordBelieved),
    _mutant("a disabled account ends the work", ACCOUNT_SHUT, "G8", account=accounts.DisabledForGood),
    _mutant("the wrong account is asked", ACCOUNT_SHUT, "G8", account=accounts.AnotherAsked),
    _mutant("a file is not waited for", PROCESSING, "G6", around_provider=words.FileNotAwaited),
]
