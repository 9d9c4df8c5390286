"""The gate: what comes in without, with, and with a wrong credential."""

import asyncio

import pytest

from graphql_api.access.errors import (
    CredentialEndedError,
    IssuerUnavailableError,
    RateLimitedError,
    UnauthenticatedError,
)
from graphql_api.access.gate import LARGEST_TOKEN, OPEN, Gate, token_of
from graphql_api.access.key_format import Key
from graphql_api.access.keys import ApiKeys
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.documents import ObjectId
from graphql_api.rate_limits import Budget, Counts
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.tenancy import TenantScope
from tests.rated import Time


@pytest.fixture
def gate(keys: ApiKeys) -> Gate:
    """Return a gate for keys."""
    return Gate(sources=(keys,), keys=keys, endings=keys.endings)


async def test_without_authentication_everybody_may_do_everything() -> None:
    """A token is not even read."""
    anonymous = await OPEN.caller("nonsense", address="::1")
    assert (anonymous.scopes, anonymous.subject, anonymous.tenant) == (ALL_SCOPES, None, ANONYMOUS.tenant)
    assert anonymous.address == "::1"


async def test_a_key_makes_its_caller(gate: Gate, keys: ApiKeys) -> None:
    """With its tenant, its name, its scopes and its id."""
    key, _ = await keys.issue(
        scope=TenantScope("acme"), name="ci", scopes=frozenset({Scope.FINETUNINGS_CANCEL}), expires_at=None
    )
    assert await gate.caller(key.text, address=None) == Caller(
        tenant="acme", subject="ci", scopes=frozenset({Scope.FINETUNINGS_CANCEL}), credential_id=key.id
    )


@pytest.mark.parametrize(
    "token", [None, "", "nonsense", "ftk_nonsense", "eyJhbGciOiJub25lIn0.e30.", "f" * LARGEST_TOKEN]
)
async def test_nobody_else_comes_in(gate: Gate, token: str | None) -> None:
    """The refusal repeats nothing of the token."""
    with pytest.raises(UnauthenticatedError) as refused:
        await gate.caller(token, address=None)
    assert "nonsense" not in refused.value.message


@pytest.mark.parametrize(
    ("given", "token"), [("Bearer a", "a"), ("bearer  a ", "a"), ("BEARER a.b-c_d", "a.b-c_d")]
)
def test_the_scheme_has_no_upper_and_lower_case(given: str, token: str) -> None:
    """RFC 9110, 11.1."""
    assert token_of({"authorization": given}) == token


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic YTpi", "ftk_a"])
def test_another_scheme_is_refused(given: str) -> None:
    """A client that sends a credential in another way learns of it."""
    with pytest.raises(UnauthenticatedError):
        token_of({"authorization": given})


def test_no_header_is_no_credential() -> None:
    """That is for the gate to judge."""
    assert token_of({}) is None


ACME = TenantScope("acme")
STRANGER = "203.0.113.9"


@pytest.fixture
def time() -> Time:
    """Return the clock of the failures."""
    return Time()


class Asked:
    """A kind of credential that notes what it is asked, and whose issuer may be down."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.is_down = False

    def reads(self, token: str) -> bool:
        """Return whether it is one of these."""
        return token.startswith("asked")

    def recalls(self, token: str) -> bool:
        """Return false: nothing is kept."""
        return False

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Note the token; ``asked good`` alone is right."""
        self.tokens.append(token)
        await asyncio.sleep(0)
        if self.is_down:
            raise IssuerUnavailableError
        if token != "asked good":
            raise UnauthenticatedError("wrong")
        return Caller(address=address)


@pytest.fixture
def asked() -> Asked:
    """Return the kind of credential."""
    return Asked()


@pytest.fixture
def strict(keys: ApiKeys, asked: Asked, time: Time) -> Gate:
    """Return a gate that takes three wrong credentials a minute from an address."""
    failures = Budget.of("3/minute", Counts(now=time.now), kind="failures")
    return Gate(sources=(keys, asked), keys=keys, endings=keys.endings, failures=failures)


async def refused(gate: Gate, *tokens: str, address: str = STRANGER) -> list[type[Exception] | None]:
    """Return how each token is refused, one after the other."""
    kinds: list[type[Exception] | None] = []
    for token in tokens:
        try:
            await gate.caller(token, address=address)
            kinds.append(None)
        except (UnauthenticatedError, RateLimitedError, IssuerUnavailableError) as refusal:
            kinds.append(type(refusal))
    return kinds


WRONG, LATE = UnauthenticatedError, RateLimitedError


async def test_after_too_many_failures_no_credential_is_looked_at(
    strict: Gate, asked: Asked, time: Time
) -> None:
    """Whatever it is: the right one is refused with the wrong ones, and has its turn after the wait."""
    assert await refused(strict, *["asked"] * 4, "asked good", "nonsense") == [WRONG] * 3 + [LATE] * 3
    assert asked.tokens == ["asked"] * 3
    with pytest.raises(RateLimitedError) as late:
        await strict.caller("asked good", address=STRANGER)
    assert late.value.extensions == {"code": "RATE_LIMITED", "retryAfter": 80}
    time.pass_by(80)
    assert await refused(strict, "asked good") == [None]


async def test_a_hundred_failures_at_once_are_three(strict: Gate, asked: Asked) -> None:
    """Each counts from its start, not from its end."""
    found = await asyncio.gather(*(refused(strict, "asked") for _ in range(100)))
    assert sorted(kind.__name__ for (kind,) in found if kind) == [LATE.__name__] * 97 + [WRONG.__name__] * 3
    assert len(asked.tokens) == 3


async def test_a_new_key_on_a_hundred_connections_at_once_is_no_failure(strict: Gate, keys: ApiKeys) -> None:
    """One of them tries it; the others wait, and pass."""
    new, _ = await keys.issue(scope=ACME, name="ci", scopes=frozenset(), expires_at=None)
    keys._known.clear()
    found = await asyncio.gather(*(refused(strict, new.text) for _ in range(100)))
    assert found == [[None]] * 100


async def test_other_addresses_are_let_in(strict: Gate) -> None:
    """An IPv6 client is its network of 64 bits."""
    await refused(strict, *["asked"] * 3, address="2001:db8:1:2::3")
    assert await refused(strict, "asked good", address="2001:db8:1:2:9::") == [LATE]
    assert await refused(strict, "asked good", address="2001:db8:1:3::3") == [None]
    assert await refused(strict, "asked good") == [None]


async def test_a_known_key_passes_from_a_bad_address(strict: Gate, keys: ApiKeys) -> None:
    """A whole office has one address, and one of its scripts may have a wrong key."""
    known, _ = await keys.issue(scope=ACME, name="ci", scopes=frozenset(), expires_at=None)
    await refused(strict, *["asked"] * 3)
    assert await refused(strict, known.text, Key.new().text) == [None, LATE]
    assert await refused(strict, f"{known.text[:-1]}!") == [LATE]


async def test_right_credentials_and_ended_ones_are_no_failures(
    strict: Gate, asked: Asked, keys: ApiKeys
) -> None:
    """Neither is an issuer out of reach, nor a request without a credential."""
    revoked, _ = await keys.issue(scope=ACME, name="ci", scopes=frozenset(), expires_at=None)
    await keys.revoke(ObjectId(revoked.id), scope=ACME)
    keys._known.clear()
    assert await refused(strict, *[revoked.text] * 4) == [CredentialEndedError] * 4
    assert await refused(strict, *["asked good"] * 4, *[""] * 4) == [None] * 4 + [WRONG] * 4
    asked.is_down = True
    assert await refused(strict, *["asked good"] * 4) == [IssuerUnavailableError] * 4
    asked.is_down = False
    assert await refused(strict, *["asked"] * 4) == [WRONG] * 3 + [LATE]
