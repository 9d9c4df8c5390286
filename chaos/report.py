"""Prints the figures of a run beside the published bound.

Each violation gets its story.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from chaos.judgement import convergence_s
from chaos.run import Outcome

TOLD_IN_FULL = 5
"""So many finetunings with a violation are told of step by step."""


def report(outcome: Outcome) -> str:
    """Return the whole report."""
    lines = [*_figures(outcome), *_convergence(outcome), *shortfalls(outcome), *_violations(outcome)]
    return "\n".join(lines)


def shortfalls(outcome: Outcome) -> list[str]:
    """Return everything the run did too little of to show anything."""
    plan, ledger = outcome.plan, outcome.ledger
    least = {
        "acknowledged cancels": (len(ledger.acknowledged), plan.least_cancels),
        "kills": (sum(ledger.kills.values()), plan.least_kills),
        "primary failovers": (len(ledger.failovers_s), plan.least_failovers),
        "stops of MongoDB": (ledger.frozen["mongodb"], plan.least_stops),
        "kills of the embedded mongod": (ledger.kills["embedded mongod"], plan.least_mongod_kills),
    }
    return [f"only {had} {what} of {meant}" for what, (had, meant) in least.items() if had < meant]


def _figures(outcome: Outcome) -> Iterator[str]:
    ledger, documents = outcome.ledger, outcome.evidence.documents.values()
    kills = sum(ledger.kills.values())
    faults = Counter(call["fault"] for call in outcome.calls if call["fault"])
    yield f"seed {outcome.plan.seed}, {outcome.plan.storm_s:g} s of storm"
    yield f"creates acknowledged   {len(ledger.creates)}"
    told = ledger.acknowledged
    yield f"cancels acknowledged   {len(told)} (answered {_counted(one.status for one in told)})"
    yield f"cancels too late       {len(ledger.cancels) - len(told)}"
    yield f"asked again            {sum(ledger.retries.values())} ({_listed(ledger.retries)})"
    yield f"kills                  {kills} ({_listed(ledger.kills)})"
    yield f"frozen for a while     {sum(ledger.frozen.values())} ({_listed(ledger.frozen)})"
    yield f"primary failovers      {len(ledger.failovers_s)} (s: {_numbers(ledger.failovers_s)})"
    yield f"provider calls         {len(outcome.calls)}"
    yield f"provider faults        {sum(faults.values())} ({_listed(faults)})"
    yield f"finetunings at the end {_counted(document.status for document in documents)}"
    yield f"cancels at the end     {_counted(document.phase for document in documents if document.phase)}"
    yield f"jobs at the provider   {_counted(job.status for job in outcome.evidence.jobs)}"
    yield f"starts that failed     {_listed(Counter(outcome.failures)) or 'none'}"


def _convergence(outcome: Outcome) -> Iterator[str]:
    documents = list(outcome.evidence.documents.values())
    asked = [one.closed_at - one.asked_at for one in documents if one.closed_at and one.asked_at]
    yield f"cancel asked → ended, storm included: {_spread([max(0, one) for one in asked])}"
    for unknown, bound_s in (
        (False, outcome.plan.bound_s),
        (True, outcome.plan.bound_after_unknown_create_s),
    ):
        after = [
            took_s
            for one in documents
            if one.create_was_unknown is unknown
            and (took_s := convergence_s(one, calm_at=outcome.evidence.calm_at)) is not None
        ]
        kind = "create unknown" if unknown else "create known"
        yield f"last fault ended → cancel ended, {kind}: {_spread(after)}; bound {bound_s:g} s"


def _violations(outcome: Outcome) -> Iterator[str]:
    yield f"violations             {len(outcome.violations)}"
    yield from (f"  {violation}" for violation in outcome.violations)
    wrong = dict.fromkeys(violation.finetuning_id for violation in outcome.violations)
    for finetuning_id in list(wrong)[:TOLD_IN_FULL]:
        yield from story(outcome, finetuning_id)


def story(outcome: Outcome, finetuning_id: str) -> Iterator[str]:
    """Yield the story of one finetuning: its timeline and the provider's calls about it, by time."""
    document = outcome.evidence.documents.get(finetuning_id)
    if document is None:
        return
    jobs = {job.id for job in outcome.evidence.jobs if job.finetuning_id == finetuning_id}
    entries = [(one["at"].timestamp(), _entry(one)) for one in document.timeline]
    calls = [call for call in outcome.calls if _is_about(call, finetuning_id, jobs)]
    told = [(one.at, f"told: {one}") for one in outcome.ledger.cancels if one.finetuning_id == finetuning_id]
    yield f"\n{document}"
    for at, line in sorted([*entries, *told, *((call["at"], _call(call)) for call in calls)]):
        yield f"  {datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}  {line}"


def _is_about(call: Mapping[str, Any], finetuning_id: str, jobs: set[str]) -> bool:
    return finetuning_id in json.dumps(call) or any(job in json.dumps(call) for job in jobs)


def _entry(entry: Mapping[str, Any]) -> str:
    return f"document: {entry['kind']} {entry.get('status') or ''} {entry.get('message') or ''}"


def _call(call: Mapping[str, Any]) -> str:
    shown = {key: call[key] for key in ("ids", "fault", "applied", "status", "ended")}
    return f"provider: {call['operation']} {shown}"


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    p99 = quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]
    p99 = min(p99, max(seconds))
    return f"{len(seconds)}, median {median(seconds):.2f} s, p99 {p99:.2f} s, max {max(seconds):.2f} s"


def _counted(values: Iterable[object]) -> str:
    return _listed(Counter(map(str, values)))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)
