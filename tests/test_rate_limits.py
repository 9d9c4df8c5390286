"""The budgets: what is granted, what is refused, and when there is room again."""

import pytest

from graphql_api.rate_limits import Budget, Counts
from tests.rated import Time

MINUTE_S = 60.0


@pytest.fixture
def time() -> Time:
    """Return a clock at the start of a window."""
    return Time()


@pytest.fixture
def budget(time: Time) -> Budget:
    """Return a budget of a hundred a minute."""
    return Budget.of("100/minute", Counts(now=time.now), kind="tests")


async def test_a_budget_is_taken_by_amounts(budget: Budget) -> None:
    """A refusal takes nothing: a smaller amount still has its room."""
    assert [await budget.take("ada", amount) for amount in (60, 41, 40, 1)] == [None, 61, None, 61]


async def test_accounts_have_budgets_of_their_own(budget: Budget, time: Time) -> None:
    """And two kinds in the same counts, too."""
    counts = Counts(now=time.now)
    one, other = (Budget.of("1/minute", counts, kind=kind) for kind in ("one", "other"))
    assert await budget.take("ada", 100) is None
    assert await budget.take("bob", 100) is None
    assert [await each.take("ada") for each in (one, other, one)] == [None, None, 120]


@pytest.mark.parametrize("began_s", [0.0, 13.0, 59.0])
@pytest.mark.parametrize("amount", [1, 30, 99, 100])
async def test_after_the_wait_there_is_room(budget: Budget, time: Time, began_s: float, amount: int) -> None:
    """And not two seconds earlier, wherever in the minute all was taken."""
    time.pass_by(began_s)
    assert await budget.take("ada", 100) is None
    wait_s = await budget.take("ada", amount)
    assert wait_s is not None
    assert wait_s <= 2 * MINUTE_S
    time.pass_by(wait_s - 2)
    assert await budget.take("ada", amount) is not None
    time.pass_by(2)
    assert await budget.take("ada", amount) is None


async def test_the_end_of_a_minute_is_no_second_budget(budget: Budget, time: Time) -> None:
    """In no minute is twice the limit granted: the last window counts by the share that is left of it."""
    time.pass_by(59)
    assert await budget.take("ada", 100) is None
    time.pass_by(1)
    assert await budget.take("ada", 1) == 1
    time.pass_by(30)
    assert [await budget.take("ada", amount) for amount in (51, 50)] == [1, None]


async def test_an_amount_above_the_limit_is_never_granted(budget: Budget) -> None:
    """Not even to an account at rest."""
    assert await budget.take("ada", 101) == 120


async def test_what_is_given_back_can_be_taken_again(budget: Budget) -> None:
    """And no more than was taken."""
    assert await budget.take("ada", 100) is None
    budget.give_back("ada", 10)
    assert [await budget.take("ada", amount) for amount in (11, 10)] == [61, None]
    budget.give_back("bob", 10)
    assert [await budget.take("bob", amount) for amount in (101, 100)] == [120, None]


async def test_what_is_known_too_late_is_spent_all_the_same(budget: Budget, time: Time) -> None:
    """More than there was room for, so that nothing is granted until it has been waited for."""
    budget.spend("ada", 99)
    assert not await budget.is_used_up("ada")
    budget.spend("ada", 101)
    assert await budget.is_used_up("ada")
    time.pass_by(61)
    assert await budget.is_used_up("ada")
    time.pass_by(30)
    assert not await budget.is_used_up("ada")


async def test_the_memory_is_bounded(time: Time) -> None:
    """The accounts longest at rest are forgotten first."""
    counts = Counts(now=time.now, most_accounts=3)
    budget = Budget.of("1/minute", counts, kind="tests")
    for account in "abcad":
        await budget.take(account)
    assert len(counts) == 3
    assert [await budget.take(account) is None for account in "db"] == [False, True]


async def test_an_account_can_be_cleared(budget: Budget, time: Time) -> None:
    """As the library has it."""
    assert await budget.take("ada", 100) is None
    await budget.limiter.clear(budget.limit, "ada")
    assert await budget.take("ada", 100) is None
