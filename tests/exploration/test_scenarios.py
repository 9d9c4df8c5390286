"""Every guarantee holds under every schedule.

Every scenario is explored as far as a short run can go.
"""

import pytest

from exploration.report import scenario_lines
from exploration.scenarios import SCENARIOS, Scenario
from exploration.search import explore
from graphql_api.store.database import Database

pytestmark = pytest.mark.usefixtures("untraced")  # tens of thousands of runs

DEPTH = 3
WIDE = {
    "cancel against a create of unknown outcome",
    "delete against cancel",
    "lease expiry between two creates, two faults",
    "sweep against cancel and a late create",
}
"""They have so many schedules that a check goes one deviation less far; ``make explore`` goes further."""


@pytest.mark.timeout(300)  # seconds of one busy core, not of waiting
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_schedule_breaks_a_guarantee(database: Database, scenario: Scenario) -> None:
    """Interleavings, crashes, faults and passing time, up to three deviations from the plainest schedule."""
    findings = explore(scenario, deviations=DEPTH - (scenario.name in WIDE))
    assert not findings.broken, "\n".join(scenario_lines(findings))
    assert findings.states > findings.schedules > DEPTH


def test_the_same_code_gives_the_same_counts(database: Database) -> None:
    """Nothing in the exploration is left to chance, so a violation can be seen again."""
    first, second = [explore(SCENARIOS[0], deviations=2) for _ in range(2)]
    assert first == second
