"""Backoff, and the relations of the time limits.

The engine's safety rests on these relations.
"""

from random import Random

import pytest

from graphql_api.engine.engine import Timing


@pytest.mark.parametrize(
    ("faults", "longest_s"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (10**6, 60)]
)
def test_the_backoff_doubles_up_to_its_cap(faults: int, longest_s: float) -> None:
    """With jitter between half of it and all of it."""
    pauses = [Timing().backoff_s(faults, Random(seed)) for seed in range(200)]
    assert longest_s / 2 <= min(pauses) < longest_s * 0.55
    assert longest_s * 0.95 < max(pauses) <= longest_s


def test_a_create_call_ends_before_its_lease_and_its_lease_before_the_grace_time() -> None:
    """No look for a job in vain, and no second create call, is possible during the first call."""
    timing = Timing()
    assert timing.submit_limit_s < timing.lease_s < timing.grace_s
    assert timing.cancel_budget_s < timing.lease_s
