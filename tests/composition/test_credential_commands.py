"""The rotation of the keys that encrypt credentials."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from graphql_api.accounts.vault import SealedError, Vault
from graphql_api.composition import credential_commands
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.documents import ProviderAccount
from graphql_api.store.database import Database, initialise
from tests.accounts.stage import KEY, account_of
from tests.world import CREDENTIAL_KEY, World

NEW_KEY = "c" * 43 + "="


def settings_of(mongodb_uri: str, database: Database, path: Path, keys: str | None) -> Settings:
    """Name the tests' database."""
    return Settings(
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=database.name,
        credential_keys=None if keys is None else SecretStr(keys),
        data_dir=path,
    )


async def test_after_a_rotation_the_old_key_is_of_no_use(
    world: World, mongodb_uri: str, database: Database, tmp_path: Path
) -> None:
    """The new one opens all; a credential that no key opens is named, and stays."""
    account, lost = await account_of(world), await account_of(world, name="lost")
    await ProviderAccount.get_pymongo_collection().update_one(
        {"_id": lost.id}, {"$set": {"credential": "sealed by another key"}}
    )
    settings = settings_of(mongodb_uri, database, tmp_path, f"{NEW_KEY},{CREDENTIAL_KEY}")
    done = await credential_commands.rotate(settings)
    assert (done.count, done.sealed) == (1, [str(lost.id)])
    await initialise(database)  # the command bound the documents to a connection of its own, and closed it
    stored = await ProviderAccount.get(account.id)
    assert stored is not None
    assert Vault([NEW_KEY]).open(stored).api_key == KEY
    with pytest.raises(SealedError):
        Vault([CREDENTIAL_KEY]).open(stored)


async def test_a_credential_changed_in_the_meantime_is_not_counted(
    world: World, mongodb_uri: str, database: Database
) -> None:
    """It stays as it is."""
    await account_of(world)
    changed = await account_of(world, name="changed")

    def again(sealed: str) -> str:
        if sealed == changed.credential:
            with MongoClient[dict[str, object]](mongodb_uri) as client:
                accounts = client[database.name][ProviderAccount.get_collection_name()]
                accounts.update_one({"_id": changed.id}, {"$set": {"credential": "newer"}})
        return f"{sealed} again"

    done = await credential_commands.encrypt_all(again)
    assert (done.count, done.sealed) == (1, [])
    left = await ProviderAccount.get(changed.id)
    assert left is not None
    assert left.credential == "newer"


async def test_without_keys_there_is_nothing_to_rotate(
    mongodb_uri: str, database: Database, tmp_path: Path
) -> None:
    """The setting is named."""
    with pytest.raises(StartError, match="CREDENTIAL_KEYS: "):
        await credential_commands.rotate(settings_of(mongodb_uri, database, tmp_path, None))
