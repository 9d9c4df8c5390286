"""The trial of an account: one word and one sentence about what is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.accounts.manage import set_disabled
from graphql_api.accounts.opening import Accounts
from graphql_api.accounts.trial import Finding, _found, try_account
from graphql_api.accounts.vault import Vault
from graphql_api.documents import ProviderAccount
from graphql_api.providers.port import NotSentError
from graphql_api.sandbox.faults import Fault, FaultKind
from tests.accounts.stage import KEY, account_of, endpoint
from tests.world import World


async def finding(world: World, **given: Any) -> Finding:
    """Return what a trial of a new account finds."""
    account = await account_of(world, **given)
    found, message = await try_account(str(account.id), caller=world.caller, accounts=world.engine.accounts)
    assert message
    assert KEY not in message
    return found


async def test_a_good_account_is_ok(world: World) -> None:
    """It costs one call of the list."""
    assert await finding(world) is Finding.OK
    assert world.calls("jobs.list") == 1


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (Fault(kind=FaultKind.STATUS, operation="jobs.list", status=403), Finding.NOT_ALLOWED),
        (Fault(kind=FaultKind.STATUS, operation="jobs.list", status=404), Finding.NOT_THIS_WIRE),
        (Fault(kind=FaultKind.TRUNCATED, operation="jobs.list"), Finding.NOT_THIS_WIRE),
        (Fault(kind=FaultKind.STATUS, operation="jobs.list", status=500), Finding.FAILED),
        (Fault(kind=FaultKind.STATUS, operation="jobs.list", status=429), Finding.FAILED),
    ],
)
async def test_what_the_provider_answers_is_the_finding(world: World, fault: Fault, found: Finding) -> None:
    """Each kind of answer has its word."""
    world.fault(fault)
    assert await finding(world) is found


async def test_a_refused_key_is_found_and_noted(world: World) -> None:
    """The account shows when."""
    async with endpoint(world, api_key="sk-the-right-one-0123") as (_, server):
        assert await finding(world, base_url=server.base_url) is Finding.KEY_REFUSED
    (account,) = await ProviderAccount.find_all().to_list()
    assert account.last_refused_at is not None


async def test_nobody_at_the_address_is_found(world: World) -> None:
    """The connection is refused."""
    async with endpoint(world) as (_, server):
        url = server.base_url
    assert await finding(world, base_url=url) is Finding.UNREACHABLE


async def test_a_disabled_account_is_not_called(world: World) -> None:
    """Its owner wants no call."""
    account = await account_of(world)
    await set_disabled(str(account.id), disabled=True, caller=world.caller)
    found, _ = await try_account(str(account.id), caller=world.caller, accounts=world.engine.accounts)
    assert (found, world.calls("jobs.list")) == (Finding.DISABLED, 0)


async def test_a_credential_of_another_vault_is_found(world: World) -> None:
    """The operator has lost the key, or not given it to this server."""
    account, ours = await account_of(world), world.engine.accounts
    accounts = Accounts(ours.own, store=ours.store, vault=Vault(["b" * 43 + "="]), makers=ours._makers)
    theirs = replace(world, engine=replace(world.engine, accounts=accounts))
    found, _ = await try_account(str(account.id), caller=theirs.caller, accounts=accounts)
    assert found is Finding.SEALED


async def test_a_server_without_a_vault_cannot_open_the_credential(world: World) -> None:
    """Its operator has not given it the keys; the address is not at fault."""
    account, off = await account_of(world), Accounts(world.engine.accounts.own)
    found, message = await try_account(str(account.id), caller=world.caller, accounts=off)
    assert (found, world.calls("jobs.list")) == (Finding.SEALED, 0)
    assert "CREDENTIAL_KEYS" in message


def test_a_certificate_out_of_its_time_is_a_matter_of_clocks() -> None:
    """As OpenSSL says it."""
    why = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid"
    assert _found(NotSentError(f"The provider could not be reached: {why}")) is Finding.CLOCK
