"""The exploration finds every seeded design fault.

Each is found by the guarantee it breaks.
"""

import pytest

from exploration.mutants import MUTANTS, Mutant, hunted
from graphql_api.store.database import Database

pytestmark = pytest.mark.usefixtures("untraced")  # tens of thousands of runs


@pytest.mark.timeout(300)  # seconds of one busy core, not of waiting
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_found_out(database: Database, mutant: Mutant) -> None:
    """With one part replaced by a faulty one, a schedule is found that breaks the named guarantee."""
    [broken] = hunted(mutant).broken
    assert broken.violation.guarantee == mutant.breaks
