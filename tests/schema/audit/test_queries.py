"""Admins read their tenant's audit log, page by page."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from graphql_api.audit.attempts import Attempt, named
from graphql_api.caller import Caller
from graphql_api.documents import AuditEntry, AuditTargetKind
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.audit_entries import AuditEntries
from tests.schema.conftest import MIDNIGHT, Client

LOG = """
query Log($filter: AuditFilter, $first: Int, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id createdAt subject credentialId address requestId action targets { kind id } fields outcome code
    }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""
ADA = Caller(tenant="acme", subject="ada", scopes=ALL_SCOPES, credential_id="k", address="192.0.2.7")
BOB = replace(ADA, subject="bob")
ID, OTHER_ID = "0123456789abcdef01234567", "65f0c0ffee65f0c0ffee65f0"


@pytest.fixture
def admin(client: Client) -> Client:
    """Return a client as an admin."""
    return replace(client, caller=ADA)


def cancel(caller: Caller, finetuning_id: str = ID) -> Attempt:
    """Return an attempt."""
    targets = named([(AuditTargetKind.FINETUNING, finetuning_id)])
    return Attempt(action="cancelFinetuning", caller=caller, request_id="r", targets=targets)


async def log(client: Client, *entries: dict[str, Any], moments: list[datetime] | None = None) -> list[str]:
    """Store entries at these moments, a minute apart if there are none; returns their ids."""
    for number, entry in enumerate(entries):
        entry["created_at"] = moments[number] if moments else MIDNIGHT + timedelta(minutes=number)
    await AuditEntry.get_pymongo_collection().insert_many(entries)
    return [str(entry["_id"]) for entry in entries]


async def found(client: Client, **conditions: Any) -> list[str]:
    """Return the ids of the entries that the filter finds."""
    page = (await client.data(LOG, filter=conditions))["auditLog"]
    return [node["id"] for node in page["nodes"]]


async def test_an_entry_is_shown_whole(admin: Client) -> None:
    """As it was stored."""
    attempt = replace(cancel(ADA), fields=("status",))
    await AuditEntries(admin.world.database["audit_entries"]).append([attempt.refused("FORBIDDEN")])
    stored = await AuditEntry.find_one({})
    assert stored is not None
    (node,) = (await admin.data(LOG))["auditLog"]["nodes"]
    assert node == {
        "id": str(stored.id),
        "createdAt": stored.created_at.isoformat(),
        "subject": "ada",
        "credentialId": "k",
        "address": "192.0.2.7",
        "requestId": "r",
        "action": "cancelFinetuning",
        "targets": [{"kind": "FINETUNING", "id": ID}],
        "fields": ["status"],
        "outcome": "REFUSED",
        "code": "FORBIDDEN",
    }


async def test_each_filter_finds_its_entries(admin: Client) -> None:
    """The newest first; all conditions must hold."""
    first, second, third = await log(
        admin,
        cancel(ADA).allowed(),
        cancel(BOB, OTHER_ID).refused("FINETUNING_NOT_FOUND"),
        replace(cancel(BOB), action="keys create").broken_off_by(ValueError()),
    )
    assert await found(admin) == [third, second, first]
    assert await found(admin, subject="bob") == [third, second]
    assert await found(admin, action="cancelFinetuning") == [second, first]
    assert await found(admin, targetId=ID.upper()) == [third, first]
    assert await found(admin, outcome="ALLOWED") == [first]
    assert await found(admin, outcome="UNKNOWN") == [third]
    assert await found(admin, createdFrom="2026-01-01T00:01:00Z") == [third, second]
    assert await found(admin, createdBefore="2026-01-01T00:01:00Z") == [first]
    assert await found(admin, subject="bob", outcome="REFUSED", targetId=OTHER_ID) == [second]
    assert await found(admin, subject="ada", outcome="REFUSED") == []


async def test_pages_have_every_entry_once(admin: Client) -> None:
    """Entries of the same moment, too."""
    ids = await log(admin, *(cancel(ADA).allowed() for _ in range(7)), moments=[MIDNIGHT] * 7)
    seen, more, after = [], [], None
    for _ in range(4):
        page = (await admin.data(LOG, first=2, after=after))["auditLog"]
        seen += [node["id"] for node in page["nodes"]]
        more.append(page["pageInfo"]["hasNextPage"])
        after = page["pageInfo"]["endCursor"]
    assert (seen, more) == (ids[::-1], [True, True, True, False])


async def test_a_tenant_sees_its_own_alone(admin: Client) -> None:
    """Refused credentials belong to none."""
    mine, _, _ = await log(
        admin,
        cancel(ADA).allowed(),
        cancel(replace(ADA, tenant="other")).allowed(),
        {**cancel(ADA).refused("UNAUTHENTICATED"), "tenant": None},
    )
    assert await found(admin) == [mine]
    assert await found(admin, targetId=ID) == [mine]


async def test_only_an_admin_reads_it(admin: Client) -> None:
    """Every other scope together is not enough."""
    others = replace(admin, caller=replace(ADA, scopes=ALL_SCOPES - {Scope.ADMIN}))
    refusal = await others.refusal(LOG)
    assert (refusal["code"], refusal["requiredScopes"]) == ("FORBIDDEN", [["admin"]])


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"filter": {"subject": " "}}, "subject"),
        ({"filter": {"action": "a" * 201}}, "action"),
        ({"filter": {"targetId": "x"}}, "targetId"),
        ({"filter": {"createdFrom": "2026-01-01T00:00:00"}}, "createdFrom"),
        ({"first": 101}, "first"),
        ({"after": "x"}, "after"),
    ],
)
async def test_a_bad_argument_is_named(admin: Client, given: dict[str, Any], argument: str) -> None:
    """As in every list."""
    refusal = await admin.refusal(LOG, **given)
    assert (refusal["code"], refusal["argument"]) == ("BAD_USER_INPUT", argument)


async def test_a_cursor_of_the_keys_is_none_of_the_log(admin: Client) -> None:
    """Both lists begin with the same letter."""
    await log(admin, cancel(ADA).allowed())
    cursor = (await admin.data(LOG))["auditLog"]["pageInfo"]["endCursor"]
    refusal = await admin.refusal(f'{{ apiKeys(after: "{cursor}") {{ nodes {{ id }} }} }}')
    assert refusal["message"] == "after is a cursor of auditLog, not of apiKeys."
