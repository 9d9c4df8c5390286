"""Judges every version and every answer by G1-G8.

It reads the provider's own record too.
"""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any

from exploration.memory_collection import Document
from exploration.outcomes import (
    has_ended,
    is_given_up,
    is_stopped,
    outcome_of,
    phase_of,
    progress_of,
    request_of,
)
from exploration.provider import START, Lists, MemoryProvider, RecordedJob, true_id
from graphql_api.documents import (
    TERMINAL,
    CancellationPhase,
    Finetuning,
    FinetuningStatus,
)
from graphql_api.engine.engine import Timing

POLLS = 2


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that did not hold, and the reason."""

    guarantee: str
    what: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A cancel's answer to its caller; a refusal has no phase."""

    status: str
    phase: str | None


@dataclass(slots=True, kw_only=True)
class Oracle:
    """Watches one run. ``late``: a job came too late to be known.

    Even then a cancel claims only known facts: CONFIRMED is true, even if a job turns up later.
    """

    provider: MemoryProvider
    time: Callable[[], float]
    timing: Timing
    violations: list[Violation] = field(default_factory=list)
    answers: set[Answer] = field(default_factory=set)
    open_posts: list[float] = field(default_factory=list)
    converged_s: float = 0
    disturbed_at: float = 0
    document: Document = field(default_factory=dict)
    created_as: tuple[Any, ...] | None = None
    news: int | None = None
    hinted: int = 0
    was_refused: bool = False

    @property
    def excuses_doubt(self) -> bool:
        """Whether an end may leave an unfindable job behind, as long as it says so."""
        unlisted = self.provider.lists is Lists.REFUSED or self.was_refused
        is_unknown = self.document["finetuning_job_id"] is None
        return self.late or is_given_up(self.document) or (unlisted and is_unknown)

    @property
    def late(self) -> bool:
        """Whether a create call took longer to arrive than its outcome was waited for."""
        return any(self._is_late(job) for job in self.provider.jobs.values())

    def key(self, now: float) -> Hashable:
        """Return everything later judgements depend on."""
        grace = self.timing.grace_s
        posts = tuple(min(now - post, grace) for post in self.open_posts)
        open_cancel = is_stopped(self.document) and not has_ended(self.document)
        since = now - self.disturbed_at if open_cancel else None
        told = str(sorted(map(str, self.answers))), self.created_as is not None, self.news, self.hinted
        return told, posts, self.late, since, bool(self.document) and is_given_up(self.document)

    def disturb(self) -> None:
        """Count convergence from here: something has just gone wrong, or is wanted now."""
        self.disturbed_at = self.time()

    def blame(self, guarantee: str, what: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(guarantee, what))

    def posted(self, *, at: float, answered: bool) -> None:
        """Watch a create call leave; an open one must not be repeated if its job may still turn up."""
        if any(at - post < self.timing.grace_s for post in self.open_posts):
            self.blame("G2", "a create call was repeated before the outcome of the first was known")
        if not answered:
            self.open_posts.append(at)

    def created(self, job: RecordedJob) -> None:
        """Watch the provider make a job; of the jobs in time we never make a second one."""
        ours = [job for job in self.provider.jobs.values() if not job.repeated]
        in_time = [job for job in ours if not self._is_late(job)]
        if len(in_time) > 1:
            self.blame("G2", f"a second job was made for one finetuning: {job.id}")
        phase = phase_of(self.document)
        if phase == CancellationPhase.CONFIRMED or (has_ended(self.document) and not self.excuses_doubt):
            self.blame("G3", f"{job.id} was made after the finetuning had ended, its cancel {phase}")

    def stopped(self, job: RecordedJob, *, by_sweep: bool) -> None:
        """Watch a live job be stopped: a wanted job, known or looked for, never is."""
        document = self.document
        own_id = document["finetuning_job_id"]
        adopts = own_id is None and document["submission"] is not None
        being_stopped = {true_id(job_id) for job_id in document["orphaned_jobs"]}
        owned = true_id(own_id or "") == job.id or (adopts and job.id not in being_stopped)
        is_sent_now = not by_sweep and self.provider.delay_s is None
        if is_sent_now and job.stops_at is not None and self._is_under_way():
            self.blame("G7", f"{job.id} was asked to stop again after it was known to be stopping")
        if owned and not (is_stopped(document) or has_ended(document)):
            self.blame("G8" if by_sweep else "G1", f"{job.id} was stopped, and nothing stored asks for it")

    def searched(self, listed: Collection[str], found: Collection[str]) -> None:
        """Watch a search: every listed job of the finetuning is found, by any of its marks."""
        if set(listed) != set(found):
            self.blame("G2", f"a search overlooked {sorted(set(listed) - set(found))}")

    def created_for_client(self, finetuning: Finetuning) -> None:
        """Watch a create be answered: each repetition gets the same finetuning."""
        told = finetuning.id, finetuning.created_at, finetuning.alias, finetuning.base_llm.model_name
        if self.created_as not in {None, told}:
            self.blame("G7", f"a create was answered {told}, then {self.created_as}")
        self.created_as = told

    def arrived(self) -> None:
        """Watch a webhook arrive; a second delivery still reports the state before the first one."""
        if self.news is None:
            self.news = max(job.progress for job in self.provider.jobs.values())

    def acknowledged(self) -> None:
        """Watch a webhook be acknowledged: it will not come again, so its news must not be lost."""
        self.hinted = self.news or 0
        self._holds_hint()

    def written(self, before: Document | None, after: Document) -> None:
        """Watch a write: every earlier promise still holds."""
        if before is None and self.document:
            self.blame("G7", "a second finetuning was stored for one idempotency key")
        self.document = after
        if before is None:
            return
        if has_ended(before) and outcome_of(before) != outcome_of(after):
            self.blame("G4", f"the end changed from {outcome_of(before)} to {outcome_of(after)}")
        if before["wanted"] != after["wanted"]:
            self.disturb()
        if is_stopped(before) and not (is_stopped(after) and request_of(before) == request_of(after)):
            self.blame("G7", "a recorded cancel was changed")
        if has_ended(after) and not has_ended(before):
            self._closed(after)
            is_doubted = phase_of(after) == CancellationPhase.UNCONFIRMED
            if is_given_up(after) and is_doubted and after["lease"]:
                self.blame("G4", "given up, and its holder can still write")
        self._holds_knowledge(before, after)

    def answered(self, finetuning: Finetuning) -> None:
        """Watch a cancel be answered: from here on it is a promise."""
        asked = finetuning.cancellation
        self.answers.add(Answer(finetuning.status.value, asked.phase.value if asked else None))
        if asked is None and not finetuning.status.is_terminal:
            self.blame("G1", "a cancel was answered and is not recorded")
        if finetuning.status is FinetuningStatus.CANCELLED:
            self._holds_cancelled("an answer", asked.phase if asked else None)

    def recorded(self) -> None:
        """Watch a cancel be taken on without being seen through: it is stored, or came too late."""
        if not (is_stopped(self.document) or has_ended(self.document)):
            self.blame("G1", "a cancel was accepted and is not recorded")

    def refused(self, status: str) -> None:
        """Watch a cancel be answered with "too late"."""
        self.answers.add(Answer(status, None))

    def not_found(self) -> None:
        """Watch a cancel be answered with "no finetuning of this id"."""
        deletion = self.document["deletion"]
        if deletion is None or deletion["deleted_at"] is None:
            self.blame("G1", "a finetuning was not found, although it is not deleted")

    def deleted(self, finetuning: Finetuning) -> None:
        """Watch a deletion be answered."""
        if finetuning.deletion is None:
            self.blame("G1", "a deletion was answered and is not recorded")

    def given_up_for_client(self, finetuning: Finetuning) -> None:
        """Watch a giving-up be answered: it has ended, and says no more than is known."""
        if finetuning.status is not FinetuningStatus.CANCELLED:
            self.blame("G5", f"given up, and still {finetuning.status}")
        asked = finetuning.cancellation
        self._holds_cancelled("an answer", asked.phase if asked else None)

    def finish_unlisted(self, finetuning: Finetuning) -> None:
        """Judge a run at an endpoint that refuses every list: nothing is open after the grace time."""
        self.was_refused = True
        if not finetuning.status.is_terminal:
            self.blame("G5", f"still {finetuning.status} behind a refused list")

    def finish(self, finetuning: Finetuning) -> None:
        """Judge the end, when faults have stopped and all work is done."""
        if not finetuning.status.is_terminal:
            self.blame("G5", f"still {finetuning.status}, due at {finetuning.due_at}")
            return
        if finetuning.deletion and finetuning.deletion.deleted_at is None:
            self.blame("G1", "a recorded deletion was not carried out")
        for answer in self.answers:
            self._holds_answer(answer, finetuning)
        self._holds_truth(finetuning)
        if self.provider.early_creates:
            self.blame("G6", "a job was asked for although its file was known not to be processed")
        if self.provider.live_jobs():
            self.blame("G8", "a live job has no owner, and the sweep has left it")
        leftover = {*self.provider.files} - {finetuning.finetuning_file_id}
        if leftover and not self.provider.late_uploads:
            self.blame("G8", f"an unneeded training file is left: {sorted(leftover)}")

    def _closed(self, after: Document) -> None:
        if not is_stopped(after):
            return
        if after["status"] == FinetuningStatus.CANCELLED:
            self._holds_cancelled("the document", phase_of(after))
        took = self.time() - self.disturbed_at
        self.converged_s = max(self.converged_s, took)
        if took > self.bound_s(after):
            self.blame("G5", f"it took {took:g} s to end, the bound is {self.bound_s(after):g} s")

    def bound_s(self, document: Document) -> float:
        """Return the published bound: lease, backoff cap and two polls; grace too if existence was open."""
        timing = self.timing
        quiet = timing.lease_s + timing.backoff_cap_s + POLLS * timing.sync_interval_s
        unsure = bool(self.open_posts) or document["missing_since"] is not None
        return quiet + (timing.grace_s if unsure else 0)

    def _is_under_way(self) -> bool:
        """Whether a recent word of the provider is stored."""
        since = (self.document["cancellation"] or {}).get("under_way_since")
        return since is not None and (since - START).total_seconds() > self.time() - self.timing.grace_s

    def _is_late(self, job: RecordedJob) -> bool:
        return job.delay_s >= self.timing.grace_s

    def _holds_knowledge(self, before: Document, after: Document) -> None:
        """Blame a write against earlier knowledge."""
        if progress_of(after) < progress_of(before):
            self.blame("G6", "an older sight of the job was written over a newer one")
        if before["finetuning_job_id"] is None and after["finetuning_job_id"] in before["orphaned_jobs"]:
            self.blame("G8", "a job being stopped as an orphan was taken for its own")
        self._holds_hint()

    def _holds_hint(self) -> None:
        """Blame a pause begun with a webhook's news still unread."""
        document = self.document
        if has_ended(document) or document["lease"] or document["faults"]:
            return
        waits = (document["due_at"] - START).total_seconds() > self.time()
        if waits and progress_of(document) < self.hinted:
            self.blame("G5", "a hint was lost: the job is not looked at before its time")

    def _holds_cancelled(self, where: str, phase: str | None) -> None:
        """Blame a CANCELLED, told anywhere, if a knowable job still lives."""
        excused = self.excuses_doubt and phase == CancellationPhase.UNCONFIRMED
        if self.provider.live_jobs() and not excused:
            self.blame("G3", f"{where} says cancelled, but the provider trains")

    def _holds_answer(self, answer: Answer, finetuning: Finetuning) -> None:
        final, asked = finetuning.status.value, finetuning.cancellation
        if asked is None:
            if answer != Answer(final.upper(), None):
                self.blame("G1", f"a cancel was answered {answer}, and the end does not know it")
        elif answer.phase is None and answer.status.lower() != final:
            self.blame("G6", f"a cancel was refused as {answer.status}, the end is {final}")
        elif answer.status in TERMINAL and answer != Answer(final, asked.phase.value):
            self.blame("G7", f"answered {answer}, the end is {final}, {asked.phase}")
        if asked and asked.phase is CancellationPhase.REQUESTED:
            self.blame("G1", "ended with its cancel still open")

    def _holds_truth(self, finetuning: Finetuning) -> None:
        if is_given_up(self.document) and phase_of(self.document) == CancellationPhase.UNCONFIRMED:
            return
        job = self.provider.jobs.get(true_id(finetuning.finetuning_job_id or ""))
        if job is not None and job.status != finetuning.status.value:
            self.blame("G6", f"the end is {finetuning.status}, the provider says {job.status}")
        known = [job for job in self.provider.jobs.values() if not self._is_late(job)]
        if job is None and known and not self.was_refused:
            self.blame("G3", f"ended as {outcome_of(self.document)} without the job {known[0].id}")
