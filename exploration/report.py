"""Prints the findings.

Each scenario and each mutant is one line. A violation is printed step by step.
"""

from collections.abc import Iterable, Iterator

from exploration.mutants import Mutant
from exploration.search import Broken, Findings

HEAD = f"{'scenario':60} {'states':>8} {'schedules':>9} {'runs':>8} {'late':>6} {'longest':>8} {'broken':>6}"
MUTANTS_HEAD = f"{'mutant':50} {'fails':5} {'runs':>6}  first seen as"
MOST_SCHEDULES = 3
"""More than a few schedules of one scenario tell nothing new."""


def scenario_lines(findings: Findings) -> Iterator[str]:
    """Yield the scenario's line and its first violations, step by step."""
    yield (
        f"{findings.scenario:60} {findings.states:8} {findings.schedules:9} {findings.runs:8} "
        f"{findings.late:6} {findings.longest_s:6.1f} s {len(findings.broken):6}"
    )
    for broken in findings.broken[:MOST_SCHEDULES]:
        yield from schedule_lines(broken)


def schedule_lines(broken: Broken) -> Iterator[str]:
    """Yield a violation and its schedule."""
    yield f"  {broken.violation.guarantee}: {broken.violation.what}"
    yield from (f"    {number:3}. {step}" for number, step in enumerate(broken.steps, start=1))


def total_line(all_findings: Iterable[Findings]) -> str:
    """Return the sums over all scenarios, and the longest convergence."""
    every = list(all_findings)
    return (
        f"{'all':60} {sum(one.states for one in every):8} {sum(one.schedules for one in every):9} "
        f"{sum(one.runs for one in every):8} {sum(one.late for one in every):6} "
        f"{max(one.longest_s for one in every):6.1f} s {sum(len(one.broken) for one in every):6}"
    )


def mutant_line(mutant: Mutant, findings: Findings) -> str:
    """Return the guarantee failed by the mutant, and the number of runs until then."""
    if not findings.broken:
        return f"{mutant.name:50} NONE  {findings.runs:6}"
    seen = findings.broken[0].violation
    return f"{mutant.name:50} {seen.guarantee:5} {findings.runs:6}  {seen.what}"
