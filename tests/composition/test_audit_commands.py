"""The audit log straight from the database, and who an operator is."""

import getpass
import os
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from graphql_api.composition.audit_commands import exported, operator
from graphql_api.composition.settings import Settings
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.database import Database, initialise
from tests.audit.conftest import ATTEMPT

MANY = 250
"""More than a cursor takes at a time."""


async def test_all_entries_come_one_by_one(database: Database, mongodb_uri: str, tmp_path: Path) -> None:
    """The first one is there before the last one is read."""
    settings = Settings(mongodb_uri=SecretStr(mongodb_uri), mongodb_database=database.name, data_dir=tmp_path)
    given = [ATTEMPT.allowed() for _ in range(MANY)]
    await AuditEntries(database["audit_entries"]).append(given)
    found = [entry.id async for entry in exported(settings, since=None, tenant="acme")]
    await initialise(database)  # a command binds the documents to a connection of its own, and closes it
    assert sorted(found) == sorted(one["_id"] for one in given)


def test_an_operator_is_the_user_of_the_machine() -> None:
    """In the tenant of the key that is made."""
    who = operator("acme")
    assert (who.tenant, who.subject, who.address) == ("acme", getpass.getuser(), socket.gethostname())
    assert (who.scopes, who.credential_id) == (frozenset(), None)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container with a number for its user."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", dict[int, str]().__getitem__)
    assert operator("acme").subject == f"uid {os.getuid()}"
