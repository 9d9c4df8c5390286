"""Opens the provider of an account.

The account is read at each use, so a disabled account or a rotated key counts at once, on every server. The
client of an account is kept as long as its credential is the same.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from graphql_api.accounts.vault import Credential, SealedError, Vault
from graphql_api.documents import AccountKey, ObjectId, ProviderAccount
from graphql_api.errors import ProviderNotSupportedError
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import CredentialsError, FinetuningProvider, NotSentError, RejectedError
from graphql_api.providers.registry import Providers
from graphql_api.store import provider_accounts

NOTED_S = 60.0
"""How often at most a server writes that an account was used, or refused."""
MOST_OPEN = 100
"""The most clients of accounts kept open; the one opened longest ago goes first."""


class SealedCredentialError(NotSentError):
    """None of this server's keys opens the account's credential."""


MakeProvider = Callable[[ProviderAccount, Credential, OutboundGuard | None], FinetuningProvider]
"""Makes the client of an account, without a call. The guard rules where an address of the tenant's may lead.

Raises ``CredentialsError`` or ``RejectedError`` for an account that no client can be made of.
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A client, and the encrypted credential that it was made with."""

    provider: FinetuningProvider
    credential: str


class Accounts:
    """Opens the server's own accounts, ``own``, and those of tenants.

    ``makers`` make the clients, by the names of providers, and ``guard`` rules where the addresses that
    tenants name may lead. Without a ``vault`` there are no accounts of tenants. A client out of use is closed
    after ``retired_s``: longer than any call under way.
    """

    def __init__(
        self,
        own: Providers,
        *,
        vault: Vault | None = None,
        makers: Mapping[str, MakeProvider] | None = None,
        guard: OutboundGuard | None = None,
        retired_s: float = 120,
    ) -> None:
        self.own = own
        self.vault = vault
        self.guard = guard or OutboundGuard()
        self._makers = dict(makers or {})
        self._retired_s = retired_s
        self._opened: dict[ObjectId, Opened] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._noted: dict[tuple[ObjectId, str], float] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the providers at which tenants can have accounts."""
        return tuple(self._makers)

    async def keys(self) -> list[AccountKey]:
        """Return every account in use: the server's own, then the tenants'."""
        own = [AccountKey(name) for name in self.own.names]
        return own if self.vault is None else [*own, *await provider_accounts.active_keys()]

    async def open(self, key: AccountKey) -> FinetuningProvider:
        """Return the account's provider.

        Raises ``NotSentError`` for an account that cannot be used now, ``RejectedError`` for a deleted one.
        """
        if key.id is None:
            return self._own(key.provider)
        account = await provider_accounts.find(key.id)
        if account is None:
            raise RejectedError("The provider account of this finetuning is deleted.")
        if account.is_disabled:
            raise NotSentError(f"The provider account {account.name!r} is disabled.")
        return await self.client(account)

    async def client(self, account: ProviderAccount) -> FinetuningProvider:
        """Return the client of an account, disabled or not; raises ``NotSentError``."""
        opened = self._opened.get(account.id)
        if opened is None or opened.credential != account.credential:
            opened = self._replaced(account, await asyncio.to_thread(self._made, account))
        if self._is_news(account.id, "use"):
            await provider_accounts.note_use(account.id)
        return opened.provider

    async def check(self, account: ProviderAccount, credential: Credential) -> None:
        """Make a client of the account and close it, without a call; raises ``RejectedError``."""
        guard = self.guard if account.base_url else None
        await self._makers[account.provider](account, credential, guard).close()

    async def note_refusal(self, key: AccountKey) -> None:
        """Write that the provider has refused the account's key."""
        if key.id is not None and self._is_news(key.id, "refusal"):
            await provider_accounts.note_refusal(key.id)

    async def close(self) -> None:
        """Close every client, at once."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        for opened in self._opened.values():
            await opened.provider.close()
        self._opened.clear()
        await self.own.close()

    def _own(self, provider: str) -> FinetuningProvider:
        try:
            return self.own.named(provider)
        except ProviderNotSupportedError as removed:
            raise NotSentError(removed.message) from removed

    def _replaced(self, account: ProviderAccount, provider: FinetuningProvider) -> Opened:
        opened = Opened(provider, account.credential)
        outdated = self._opened.pop(account.id, None)
        if outdated is None and len(self._opened) >= MOST_OPEN:
            outdated = self._opened.pop(next(iter(self._opened)))
        self._opened[account.id] = opened
        if outdated is not None:
            retiring = asyncio.create_task(self._retire(outdated.provider))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        return opened

    def _made(self, account: ProviderAccount) -> FinetuningProvider:
        """Return a new client; runs in a thread, because the import of an SDK may take seconds."""
        maker = self._makers.get(account.provider)
        if maker is None:
            raise NotSentError(f"This server has no provider {account.provider!r}.")
        if self.vault is None:
            raise NotSentError("This server has no CREDENTIAL_KEYS, so it cannot use provider accounts.")
        try:
            credential = self.vault.open(account.credential, account=account.id)
            return maker(account, credential, self.guard if account.base_url else None)
        except SealedError:
            why = f"None of CREDENTIAL_KEYS opens the credential of the provider account {account.name!r}."
            raise SealedCredentialError(why) from None
        except CredentialsError:
            raise
        except RejectedError as unusable:  # it may be mended, so it ends no finetuning
            raise NotSentError(unusable.message) from unusable

    async def _retire(self, provider: FinetuningProvider) -> None:
        """Close the client; calls under way get the time to end."""
        try:
            await asyncio.sleep(self._retired_s)
        finally:
            await provider.close()

    def _is_news(self, account_id: ObjectId, what: str) -> bool:
        now, noted = monotonic(), self._noted.get((account_id, what))
        if noted is not None and now - noted < NOTED_S:
            return False
        self._noted[account_id, what] = now
        return True
