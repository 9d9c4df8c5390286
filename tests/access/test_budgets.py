"""The callers' budgets: who has which, and what a cancel may take."""

from dataclasses import replace

import pytest

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.access.errors import RateLimitedError
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.rate_limits import Budget, Counts
from tests.rated import Time

FAR = "203.0.113.9"
ADA = Caller(tenant="acme", subject="ada", credential_id="one")


@pytest.fixture
def time() -> Time:
    """Return the clock of the budgets."""
    return Time()


@pytest.fixture
def budgets(time: Time) -> Budgets:
    """Return a hundred objects a minute, and ten for cancels."""
    counts = Counts(now=time.now)
    return Budgets(
        objects=Budget.of("100/minute", counts, kind="objects"),
        cancels=Budget.of("10/minute", counts, kind="cancels"),
    )


def at(address: str | None) -> Caller:
    """Return the anonymous caller at this address."""
    return replace(ANONYMOUS, address=address)


async def is_refused(budgets: Budgets, caller: Caller, objects: int, *, cancels_alone: bool = False) -> bool:
    """Return whether the caller may not take this."""
    try:
        await budgets.take(caller, objects, cancels_alone=cancels_alone)
    except RateLimitedError:
        return True
    return False


async def test_a_used_up_budget_is_refused_with_the_time_to_wait(budgets: Budgets, time: Time) -> None:
    """After which there is room."""
    await budgets.take(ADA, 90)
    with pytest.raises(RateLimitedError) as refused:
        await budgets.take(ADA, 20)
    assert refused.value.extensions == {"code": "RATE_LIMITED", "retryAfter": 67}
    assert refused.value.message == (
        "The budget of 100 per 1 minute is used up: this takes 20; try again in 67 s."
    )
    time.pass_by(67)
    await budgets.take(ADA, 20)


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (replace(ADA, address="203.0.113.9"), True),
        (replace(ADA, credential_id="two"), False),
        (replace(ADA, credential_id="two", owner="one"), True),
        (replace(ANONYMOUS, address="203.0.113.9"), False),
    ],
)
async def test_a_budget_belongs_to_a_credential(budgets: Budgets, other: Caller, *, shares: bool) -> None:
    """Wherever it comes from; tokens, which a client gets at will, share their owner's."""
    await budgets.take(ADA, 100)
    assert await is_refused(budgets, other, 1) is shares


async def test_an_anonymous_caller_is_its_address(budgets: Budgets) -> None:
    """An IPv6 client is its network of 64 bits; this machine has no limit."""
    await budgets.take(at("2001:db8:1:2::3"), 100)
    found = [await is_refused(budgets, at(one), 1) for one in ("2001:db8:1:2::4", "2001:db8:1:3::3", FAR)]
    assert found == [True, False, False]
    for near in ("127.0.0.1", "::1", None):
        assert [await is_refused(budgets, at(near), 100) for _ in range(3)] == [False] * 3
    key = replace(ADA, address="127.0.0.1")
    assert [await is_refused(budgets, key, 60) for _ in range(2)] == [False, True]


async def test_cancels_have_a_reserve(budgets: Budgets) -> None:
    """After the budget of all else, and with an end of its own."""
    await budgets.take(ADA, 98)
    found = [await is_refused(budgets, ADA, 4, cancels_alone=True) for _ in range(3)]
    assert found == [False, False, True]
    assert await is_refused(budgets, ADA, 4)
    assert not await is_refused(budgets, ADA, 2)


async def test_without_a_limit_nothing_is_refused() -> None:
    """Not even the greatest amount."""
    assert not await is_refused(UNLIMITED, ADA, 10**9)
