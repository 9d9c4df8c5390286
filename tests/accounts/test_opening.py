"""The opening of accounts: the newest key counts at once, and what is gone is an outage, not an end."""

import asyncio
from dataclasses import replace

import pytest
from beanie import PydanticObjectId
from cryptography.fernet import Fernet
from pymongo.errors import AutoReconnect

from graphql_api.accounts.manage import delete_account, rotate_key, set_disabled
from graphql_api.accounts.opening import MOST_OPEN, Accounts, SealedCredentialError
from graphql_api.accounts.vault import Vault
from graphql_api.documents import (
    AccountKey,
    CancellationPhase,
    FinetuningStatus,
    ObjectId,
    ProviderAccount,
)
from graphql_api.engine.driving import work_once
from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import CredentialsError, NotSentError, RejectedError
from graphql_api.providers.registry import Providers
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.store.provider_accounts import AccountStore
from tests.accounts.stage import KEY, account_of, endpoint, training
from tests.engine.test_crash import ENDLESS
from tests.world import OPENAI, World


async def test_a_client_is_kept_until_the_key_changes(world: World) -> None:
    """The rotated key is used from the next call on; calls under way keep their client."""
    accounts, account = world.engine.accounts, await account_of(world)
    before = await accounts.open(account.key)
    assert await accounts.open(account.key) is before
    await rotate_key(
        str(account.id), "sk-another-0123456789", headers=None, caller=world.caller, accounts=accounts
    )
    after = await accounts.open(account.key)
    assert after is not before
    assert [job async for job in before.list_jobs()] == []


async def test_a_retired_client_is_closed_in_time(world: World) -> None:
    """It does not wait for the end of the server."""
    ours = world.engine.accounts
    accounts = Accounts(ours.own, vault=ours.vault, makers=ours._makers, store=ours.store, retired_s=0)
    account = await account_of(world)
    before = await accounts.open(account.key)
    await rotate_key(str(account.id), KEY, headers=None, caller=world.caller, accounts=accounts)
    await accounts.open(account.key)
    await asyncio.gather(*accounts._retiring)
    assert isinstance(before, OpenAIProvider)
    assert before._client.is_closed()


async def test_no_more_clients_are_open_than_the_most(world: World) -> None:
    """The one opened longest ago goes."""
    accounts = world.engine.accounts
    tenants = [replace(world.caller, tenant=f"tenant {n}") for n in range(MOST_OPEN + 1)]
    made = [await account_of(world, caller=caller) for caller in tenants]
    for account in made:
        await accounts.open(account.key)
    assert set(accounts._opened) == {account.id for account in made[1:]}


async def test_what_cannot_be_used_now_is_an_outage(world: World) -> None:
    """Disabled, sealed, without a vault, or at a provider that this server does not have."""
    account, ours = await account_of(world), world.engine.accounts
    other = Vault([Fernet.generate_key().decode()])
    for accounts, kind in {
        Accounts(ours.own, store=ours.store, vault=other, makers=ours._makers): SealedCredentialError,
        Accounts(ours.own, store=ours.store, makers=ours._makers): SealedCredentialError,
        Accounts(ours.own, store=ours.store, vault=ours.vault): NotSentError,
        Accounts(ours.own): NotSentError,
    }.items():
        with pytest.raises(kind):
            await accounts.open(account.key)
    await set_disabled(str(account.id), disabled=True, caller=world.caller)
    with pytest.raises(NotSentError, match="'theirs' is disabled"):
        await ours.open(account.key)
    assert account.key not in await ours.keys_of_tenants()
    with pytest.raises(NotSentError):
        await Accounts(Providers({})).open(OPENAI)


async def test_a_deleted_account_is_refused_for_good(world: World) -> None:
    """A finetuning that slipped in beside the deletion fails, and says why."""
    account = await account_of(world)
    created = await world.create(provider_account_id=str(account.id))
    await ProviderAccount.get_pymongo_collection().delete_one({"_id": account.id})
    await world.work()
    failed = await world.read(created)
    assert failed.status is FinetuningStatus.FAILED
    assert failed.error == "The provider account of this finetuning is deleted."


async def test_the_use_and_the_refusal_of_a_key_are_written(world: World) -> None:
    """At most once a minute, so a busy account costs no write a call."""
    async with endpoint(world) as (_, server):
        account = await account_of(world, base_url=server.base_url, api_key="sk-a-wrong-key-0123")
        await world.create(provider_account_id=str(account.id))
        await world.work()
        noted = await ProviderAccount.get(account.id)
    assert noted is not None
    assert noted.last_used_at is not None
    assert noted.last_refused_at is not None
    assert not world.engine.accounts._is_news(account.id, "use")


async def test_the_accounts_in_use_are_listed(world: World) -> None:
    """The server's own, and those of tenants; without a vault there are none of these."""
    account, accounts = await account_of(world), world.engine.accounts
    assert (await accounts.own_keys(), await accounts.keys_of_tenants()) == ([OPENAI], [account.key])
    assert await Accounts(accounts.own, store=accounts.store).keys_of_tenants() == []
    await delete_account(str(account.id), caller=world.caller)
    assert await accounts.keys_of_tenants() == []


async def test_many_at_once_open_one_client(world: World) -> None:
    """And a new client of the same account has the circuit of the old one."""
    account, accounts = await account_of(world), world.engine.accounts
    opened = await asyncio.gather(*[accounts.open(account.key) for _ in range(20)])
    assert len({id(provider) for provider in opened}) == 1
    assert accounts._line(account).circuit is accounts._line(account).circuit


async def test_a_disabled_account_is_an_outage_that_heals(world: World) -> None:
    """A cancel waits for it, and is carried out once it is enabled."""
    account = await account_of(world)
    trained = await training(world, account, caller=world.caller)
    await set_disabled(str(account.id), disabled=True, caller=world.caller)
    asked = await world.cancel(trained)
    assert asked.cancellation is not None
    assert asked.cancellation.phase is CancellationPhase.REQUESTED
    assert asked.cancellation.last_error == "The provider account 'theirs' is disabled."
    assert len(world.live_jobs()) == 1
    await set_disabled(str(account.id), disabled=False, caller=world.caller)
    await world.drain(seconds=60)
    assert (await world.read(trained)).status is FinetuningStatus.CANCELLED
    assert world.live_jobs() == []


async def test_a_key_rotated_in_the_middle_of_a_cancel_loses_nothing(world: World) -> None:
    """The provider refuses the old key; the cancel is carried out with the new one."""
    new_key = "sk-the-new-one-0123"
    async with endpoint(world) as (sandbox, server):
        account = await account_of(world, base_url=server.base_url)
        trained = await training(world, account, caller=world.caller)
        sandbox.api_key = new_key
        asked = await world.cancel(trained)
        assert asked.status is FinetuningStatus.RUNNING
        await rotate_key(
            str(account.id), new_key, headers=None, caller=world.caller, accounts=world.engine.accounts
        )
        await world.drain(seconds=60)
        assert (await world.read(trained)).status is FinetuningStatus.CANCELLED


async def test_a_job_is_asked_for_under_its_own_account_alone(world: World) -> None:
    """Three accounts of two tenants: one endpoint is dead, one key is wrong, and the third cancels."""
    ann, bob = replace(world.caller, tenant="ann"), replace(world.caller, tenant="bob")
    async with endpoint(world) as (dead, dying), endpoint(world) as (strict, server):
        for sandbox in (dead, strict, world.sandbox):
            sandbox.account.durations = ENDLESS
        of_dead = await account_of(world, caller=ann, base_url=dying.base_url)
        of_strict = await account_of(world, caller=bob, base_url=server.base_url)
        hers = await training(world, of_dead, caller=ann)
        his = await training(world, of_strict, caller=bob)
        ours = await training(world, None, caller=world.caller)
        await dying.stop()
        strict.api_key = "sk-another-one-0123"
        asked = [
            await replace(world, caller=caller).cancel(one)
            for caller, one in ((ann, hers), (bob, his), (world.caller, ours))
        ]
        assert [one.status is FinetuningStatus.CANCELLED for one in asked] == [False, False, True]
        made = [sandbox.account.jobs() for sandbox in (dead, strict, world.sandbox)]
        assert [len(jobs) for jobs in made] == [1, 1, 1]


async def test_a_name_that_leads_inside_later_is_an_outage(world: World) -> None:
    """The address was public when it was set; no call arrives, and the cancel waits."""
    ours, asked_for = world.engine.accounts, list[str]()

    async def inside(host: str, port: int) -> list[str]:
        asked_for.append(host)
        return ["127.0.0.1"]

    guarded = Accounts(
        ours.own,
        store=ours.store,
        vault=ours.vault,
        makers=ours._makers,
        guard=OutboundGuard(resolver=inside),
    )
    port = world.server.base_url.rpartition(":")[2].partition("/")[0]
    theirs = replace(world, engine=replace(world.engine, accounts=guarded))
    account = await account_of(theirs, base_url=f"https://rebound.example:{port}/v1")
    provider = await guarded.open(account.key)
    with pytest.raises(NotSentError, match="leads to an address that is not public"):
        await provider.retrieve_job("ftjob-1")
    assert (asked_for, world.sandbox.calls.find()) == (["rebound.example"], [])


async def test_an_unknown_account_is_deleted(world: World) -> None:
    """Nothing tells it from one that is gone."""
    with pytest.raises(RejectedError):
        await world.engine.accounts.open(AccountKey("openai", PydanticObjectId()))


async def test_an_unusable_key_is_the_accounts_fault(world: World) -> None:
    """It is retried, as any refused key: its owner can mend it."""
    account = await account_of(world)
    accounts = world.engine.accounts

    def unusable(*_: object) -> None:
        raise CredentialsError("The key is unusable")

    broken = Accounts(accounts.own, store=accounts.store, vault=accounts.vault, makers={"openai": unusable})  # type: ignore[dict-item]
    with pytest.raises(CredentialsError):
        await broken.open(account.key)


async def test_a_slow_account_leaves_turns_for_the_others(world: World) -> None:
    """Its calls hang, and the worker's further turns are for another account, or for none."""
    account = await account_of(world)
    for _ in range(3):
        await world.create(provider_account_id=str(account.id))
    world.fault(Fault(kind=FaultKind.HANG, operation="files.create", times=2))
    engine = replace(world.engine, most_turns=2)
    slow = [asyncio.create_task(work_once(engine)) for _ in range(2)]
    await world.seen("files.create")
    await world.seen("files.create")
    assert engine.turns == {account.id: 2}
    assert await work_once(engine) is False
    ours = await world.create()
    assert await work_once(engine) is True
    assert (await world.read(ours)).finetuning_job_id is not None
    world.sandbox.faults.release()
    await asyncio.gather(*slow)
    assert engine.turns == {}
    assert await work_once(engine) is True


async def test_an_account_that_cannot_be_read_leaves_no_doubt_about_a_create(world: World) -> None:
    """MongoDB fails before the mark of the call, so a cancel is certain that there is no job."""
    account = await account_of(world)
    created = await world.create(provider_account_id=str(account.id))
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429))
    await world.work()
    world.advance(30)

    class Away(AccountStore):
        async def find(self, account_id: ObjectId) -> ProviderAccount | None:
            raise AutoReconnect("MongoDB is away")

    ours = world.engine.accounts
    away = Accounts(ours.own, store=Away(world.database["provider_accounts"]), vault=ours.vault)
    with pytest.raises(AutoReconnect):
        await work_once(replace(world.engine, accounts=away))
    assert (await world.read(created)).submission is None


async def test_what_waited_for_an_account_is_due_at_once(world: World) -> None:
    """After it is enabled, whatever the pause of its faults; another account's stay as they are."""
    account = await account_of(world)
    waiting, other = await world.create(provider_account_id=str(account.id)), await world.create()
    await set_disabled(str(account.id), disabled=True, caller=world.caller)
    await world.work()
    before = await world.read(other)
    assert (await world.read(waiting)).due_at != world.clock.now()
    await world.engine.upkeep.wake(account.id)
    assert (await world.read(waiting)).due_at == world.clock.now()
    assert await world.read(other) == before
