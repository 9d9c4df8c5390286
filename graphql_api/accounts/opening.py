"""Opens the provider of an account.

The account is read at each use, so a disabled account or a rotated key counts at once, on every server. The
client of an account is kept as long as its credential is the same.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic

from graphql_api.account_semaphore import AccountSemaphore
from graphql_api.accounts.vault import Credential, SealedError, Vault
from graphql_api.documents import AccountKey, ObjectId, ProviderAccount
from graphql_api.errors import ProviderNotSupportedError
from graphql_api.providers.circuit import Circuit
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import CredentialsError, FinetuningProvider, NotSentError, RejectedError
from graphql_api.providers.registry import Providers
from graphql_api.store.provider_accounts import AccountStore

NOTED_S = 60.0
"""How often at most a server writes that an account was used, or refused."""
MOST_OPEN = 100
"""The most clients of accounts kept open; the one opened longest ago goes first."""


class SealedCredentialError(NotSentError):
    """None of this server's keys opens the account's credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The rules of an account's calls: where they may lead, and when they are held back.

    Without a ``guard`` they lead to the provider itself, or to where the operator says.
    """

    guard: OutboundGuard | None
    circuit: Circuit


MakeProvider = Callable[[ProviderAccount, Credential, Line], FinetuningProvider]
"""Makes the client of an account, without a call.

Raises ``CredentialsError`` or ``RejectedError`` for an account that no client can be made of.
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A client, and the encrypted credential that it was made with."""

    provider: FinetuningProvider
    credential: str


class Accounts:
    """Opens the server's own accounts, ``own``, and those of tenants in the ``store``.

    The own ones are closed by their owner.

    ``makers`` make the clients, by the names of providers, and ``guard`` rules where the addresses that
    tenants name may lead. Without a ``store`` or a ``vault`` there are no accounts of tenants. A client out
    of use is closed after ``retired_s``: longer than any call under way.
    """

    def __init__(
        self,
        own: Providers,
        *,
        store: AccountStore | None = None,
        vault: Vault | None = None,
        makers: Mapping[str, MakeProvider] | None = None,
        guard: OutboundGuard | None = None,
        retired_s: float = 120,
    ) -> None:
        self.own = own
        self.store = store
        self.vault = vault
        self.guard = guard or OutboundGuard()
        self._makers = dict(makers or {})
        self._retired_s = retired_s
        self._opened: dict[ObjectId, Opened] = {}
        self._opening = AccountSemaphore(1)
        self._circuits: dict[ObjectId, Circuit] = {}
        self._retiring: dict[asyncio.Task[None], FinetuningProvider] = {}
        self._noted: dict[tuple[ObjectId, str], float] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the providers at which tenants can have accounts."""
        return tuple(self._makers)

    async def own_keys(self) -> list[AccountKey]:
        """Return the server's own accounts."""
        return [AccountKey(name) for name in self.own.names]

    async def keys_of_tenants(self) -> list[AccountKey]:
        """Return the accounts of tenants that are not disabled."""
        return [] if self.store is None or self.vault is None else await self.store.active_keys()

    async def open(self, key: AccountKey) -> FinetuningProvider:
        """Return the account's provider.

        Raises ``NotSentError`` for an account that cannot be used now, ``RejectedError`` for a deleted one.
        """
        if key.id is None or self.store is None:
            return self._own(key)
        account = await self.store.find(key.id)
        if account is None:
            raise RejectedError("The provider account of this finetuning is deleted.")
        if account.is_disabled:
            raise NotSentError(f"The provider account {account.name!r} is disabled.")
        provider = await self.client(account)
        if self._is_news(key.id, "use"):
            await self.store.note_use(key.id)
        return provider

    async def client(self, account: ProviderAccount) -> FinetuningProvider:
        """Return the client of an account, disabled or not; raises ``NotSentError``."""
        await self._opening.acquire(str(account.id))
        try:
            opened = self._opened.get(account.id)
            if opened is None or opened.credential != account.credential:
                opened = Opened(await asyncio.to_thread(self._made, account), account.credential)
                self._replace(account.id, opened)
            return opened.provider
        finally:
            self._opening.release(str(account.id))

    async def check(self, account: ProviderAccount, credential: Credential) -> None:
        """Make a client of the account and close it, without a call; raises ``RejectedError``."""
        maker = self._makers[account.provider]
        line = Line(guard=self._guard_of(account), circuit=Circuit())
        provider = await asyncio.to_thread(maker, account, credential, line)
        await provider.close()

    async def note_refusal(self, key: AccountKey) -> None:
        """Write that the provider has refused the account's key."""
        if key.id is not None and self.store is not None and self._is_news(key.id, "refusal"):
            await self.store.note_refusal(key.id)

    async def close(self) -> None:
        """Close the clients of tenants' accounts, at once, even if one of them fails to close."""
        async with AsyncExitStack() as stack:
            for opened in self._opened.values():
                stack.push_async_callback(opened.provider.close)
            for task, provider in list(self._retiring.items()):
                task.cancel()
                stack.push_async_callback(provider.close)

    def _own(self, key: AccountKey) -> FinetuningProvider:
        if key.id is not None:
            raise NotSentError("This server keeps no provider accounts of tenants.")
        try:
            return self.own.named(key.provider)
        except ProviderNotSupportedError as removed:
            raise NotSentError(removed.message) from removed

    def _replace(self, account_id: ObjectId, opened: Opened) -> None:
        outdated = self._opened.pop(account_id, None)
        if outdated is None and len(self._opened) >= MOST_OPEN:
            outdated = self._opened.pop(next(iter(self._opened)))
        self._opened[account_id] = opened
        if outdated is not None:
            retiring = asyncio.create_task(self._retire(outdated.provider))
            self._retiring[retiring] = outdated.provider
            retiring.add_done_callback(self._retiring.pop)

    def _made(self, account: ProviderAccount) -> FinetuningProvider:
        """Return a new client; runs in a thread, because the import of an SDK may take seconds."""
        if self.vault is None:
            raise SealedCredentialError(
                "This server has no CREDENTIAL_KEYS, so it cannot open the account's credential."
            )
        maker = self._makers.get(account.provider)
        if maker is None:
            raise NotSentError(f"This server has no provider {account.provider!r}.")
        try:
            return maker(account, self.vault.open(account), self._line(account))
        except SealedError:
            why = f"None of CREDENTIAL_KEYS opens the credential of the provider account {account.name!r}."
            raise SealedCredentialError(why) from None
        except CredentialsError:
            raise
        except RejectedError as unusable:  # it may be mended, so it ends no finetuning
            raise NotSentError(unusable.message) from unusable

    def _line(self, account: ProviderAccount) -> Line:
        """Return the account's rules; its circuit outlives its clients."""
        circuit = self._circuits.setdefault(account.id, Circuit())
        return Line(guard=self._guard_of(account), circuit=circuit)

    def _guard_of(self, account: ProviderAccount) -> OutboundGuard | None:
        return self.guard if account.base_url else None

    async def _retire(self, provider: FinetuningProvider) -> None:
        """Close the client; calls under way get the time to end."""
        await asyncio.sleep(self._retired_s)
        await provider.close()

    def _is_news(self, account_id: ObjectId, what: str) -> bool:
        now, noted = monotonic(), self._noted.get((account_id, what))
        if noted is not None and now - noted < NOTED_S:
            return False
        self._noted[account_id, what] = now
        return True
