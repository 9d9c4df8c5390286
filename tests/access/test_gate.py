"""The gate: what comes in without, with, and with a wrong credential."""

import pytest

from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.gate import LARGEST_TOKEN, OPEN, Gate, token_of
from graphql_api.access.keys import ApiKeys
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.tenancy import TenantScope


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
