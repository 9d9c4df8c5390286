"""Keys made straight in the database are those of the servers on it."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from graphql_api.access.endings import Endings
from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.keys import ApiKeys
from graphql_api.composition import key_commands
from graphql_api.composition.settings import Settings
from graphql_api.scopes import Scope
from graphql_api.store.database import Database, initialise


@pytest.fixture
def settings(mongodb_uri: str, database: Database, tmp_path: Path) -> Settings:
    """Name the tests' database."""
    return Settings(
        mongodb_uri=SecretStr(mongodb_uri),
        mongodb_database=database.name,
        key_pepper=SecretStr("p" * 32),
        data_dir=tmp_path,
    )


async def test_a_running_server_knows_a_new_key_and_a_revoked_one(
    settings: Settings, database: Database
) -> None:
    """Each with its tenant, its scopes and its end."""
    scopes = frozenset({Scope.FINETUNINGS_READ})
    server = ApiKeys(pepper=b"p" * 32, endings=Endings())
    key = await key_commands.create(
        settings, tenant="acme", name="ci", scopes=scopes, lives=timedelta(hours=1)
    )
    await initialise(database)  # a command binds the documents to a connection of its own, and closes it
    caller = await server.caller(key.text, address=None)
    assert (caller.tenant, caller.subject, caller.scopes) == ("acme", "ci", scopes)
    assert caller.expires_at is not None
    (listed,) = await key_commands.listed(settings, tenant="acme")
    assert (str(listed.id), listed.expires_at) == (key.id, caller.expires_at)
    assert await key_commands.revoke(settings, key_id="0" * 24) is None
    assert await key_commands.revoke(settings, key_id=key.id) is not None
    await initialise(database)
    await server.renew()
    with pytest.raises(UnauthenticatedError):
        await server.caller(key.text, address=None)
