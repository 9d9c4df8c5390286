"""The command ``graphql-api credentials rotate``, straight in the database."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from graphql_api.accounts.vault import SealedError
from graphql_api.composition.accounts import vault
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.store import provider_accounts


@dataclass(slots=True, kw_only=True)
class Rotated:
    """How many credentials were encrypted with the first key, and the ids of accounts that no key opens."""

    count: int = 0
    sealed: list[str] = field(default_factory=list)


async def rotate(settings: Settings) -> Rotated:
    """Encrypt every credential with the first of the keys.

    A credential changed in the meantime is encrypted with the first key already. Raises ``StartError``.
    """
    async with AsyncExitStack() as stack:
        keys = vault(settings)
        if keys is None:
            raise StartError("CREDENTIAL_KEYS: a MongoDB of your own needs them, the same on every server")
        await open_database(stack, settings, beside_a_server=True)
        return await encrypt_all(keys.seal_again)


async def encrypt_all(again: Callable[[str], str]) -> Rotated:
    """Store every credential as ``again`` returns it, if it is still the same then."""
    done = Rotated()
    for account in await provider_accounts.every():
        try:
            done.count += await provider_accounts.encrypt_anew(account, again)
        except SealedError:
            done.sealed.append(str(account.id))
    return done
