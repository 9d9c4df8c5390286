"""Every mutation has its entry, carried out or refused, and an entry has nothing that a client wrote."""

from dataclasses import dataclass, replace

import pytest

from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from graphql_api.audit.log import AuditLog
from graphql_api.caller import Caller
from graphql_api.documents import ApiKey, AuditEntry, AuditOutcome, GoldenRecord
from graphql_api.metrics import Metrics
from graphql_api.schema import build_schema
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.tenancy import TenantScope
from tests.accounts.stage import account_of
from tests.schema.catalogue import UNKNOWN_ID
from tests.schema.conftest import Client
from tests.schema.execution.audited_calls import CALLS, CANARY, ENDED_FIRST, document, filled

MUTATIONS = build_schema()._schema.mutation_type.fields  # type: ignore[union-attr]  # there is one
CALLER = Caller(tenant="default", subject="ada", scopes=ALL_SCOPES, credential_id="k", address="192.0.2.7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The ids of what a test may change."""

    finetuning: str
    connection: str
    record: str
    key: str
    account: str


@pytest.fixture
def audited(client: Client) -> Client:
    """Return a client of a server with keys and an audit log."""
    log = AuditLog(AuditEntries(client.world.database["audit_entries"]), metrics=Metrics())
    keys = ApiKeys(pepper=b"pepper" * 8, endings=Endings())
    return replace(client, keys=keys, audit=log, caller=CALLER)


@pytest.fixture
async def stored(audited: Client) -> Stored:
    """Store one document of each kind."""
    assert audited.keys is not None
    connection = await audited.world.connection()
    finetuning = await audited.world.create(db_connection_id=str(connection.id))
    record = await GoldenRecord.find_one({"db_connection_id": connection.id})
    _, key = await audited.keys.issue(
        scope=TenantScope.of(CALLER), name="k", scopes=frozenset({Scope.ADMIN}), expires_at=None
    )
    assert record is not None
    account = await account_of(audited.world)
    return Stored(
        finetuning=str(finetuning.id),
        connection=str(connection.id),
        record=str(record.id),
        key=str(key.id),
        account=str(account.id),
    )


def ids_of(stored: Stored) -> dict[str, str]:
    """Return the ids by the words that stand for them."""
    return {name: getattr(stored, name) for name in Stored.__slots__}


KINDS = {
    "finetuning": "finetuning",
    "connection": "db_connection",
    "record": "golden_record",
    "key": "api_key",
    "account": "provider_account",
}


async def entries() -> list[AuditEntry]:
    """Return all entries, in the order of their making."""
    return await AuditEntry.find_all().sort("+_id").to_list()


def test_the_calls_are_all_mutations() -> None:
    """A new mutation needs a row here, and with it an entry."""
    assert set(MUTATIONS) == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
async def test_a_change_has_its_entry_before_the_answer(audited: Client, stored: Stored, name: str) -> None:
    """With the caller, the documents and the names of the fields; nothing else of the client's."""
    call, ids = CALLS[name], ids_of(stored)
    if name in ENDED_FIRST:
        await audited.world.cancel(stored.finetuning)
    await audited.data(document(name), **filled(call.variables, ids))
    (entry,) = await entries()
    assert (entry.tenant, entry.subject, entry.credential_id) == ("default", "ada", "k")
    assert (entry.address, entry.request_id) == ("192.0.2.7", "test")
    assert (entry.action, entry.outcome, entry.code) == (name, AuditOutcome.ALLOWED, None)
    named = [(KINDS[word], ids[word]) for word in call.names]
    found = [(target.kind.value, target.id) for target in entry.targets]
    assert found[: len(named)] == named
    assert {kind for kind, _ in found[len(named) :]} == ({call.made} if call.made else set())
    assert tuple(entry.fields) == call.fields
    assert CANARY not in repr(entry)


@pytest.mark.parametrize("name", CALLS)
async def test_a_refused_caller_has_its_entry(audited: Client, stored: Stored, name: str) -> None:
    """It names the documents, too; nothing was changed."""
    call, ids = CALLS[name], ids_of(stored)
    powerless = replace(audited, caller=replace(CALLER, scopes=frozenset()))
    refusal = await powerless.refusal(document(name), **filled(call.variables, ids))
    assert refusal["code"] == "FORBIDDEN"
    assert audited.audit is not None
    await audited.audit.close()
    (entry,) = await entries()
    assert (entry.action, entry.outcome, entry.code) == (name, AuditOutcome.REFUSED, "FORBIDDEN")
    assert (entry.tenant, entry.subject, entry.credential_id) == ("default", "ada", "k")
    named = [(KINDS[word], ids[word]) for word in call.names] if name != "cancelFinetunings" else []
    assert [(target.kind.value, target.id) for target in entry.targets] == named
    assert CANARY not in repr(entry)


MISSING = {name: call for name, call in CALLS.items() if call.names and name != "cancelFinetunings"}


@pytest.mark.parametrize("name", MISSING)
async def test_a_refused_change_has_its_entry(audited: Client, name: str) -> None:
    """With the code of the refusal: here, of a document that is missing."""
    given = filled(MISSING[name].variables, dict.fromkeys(KINDS, UNKNOWN_ID))
    refusal = await audited.refusal(document(name), **given)
    (entry,) = await entries()
    assert (entry.action, entry.outcome, entry.code) == (name, AuditOutcome.REFUSED, refusal["code"])
    assert refusal["code"].endswith("_NOT_FOUND")
    assert [target.id for target in entry.targets] == [UNKNOWN_ID]


async def test_a_malformed_id_is_not_kept(audited: Client) -> None:
    """Its code is."""
    given = {"finetuningId": CANARY, "metadata": None}
    assert (await audited.refusal(document("cancelFinetuning"), **given))["code"] == "BAD_USER_INPUT"
    (entry,) = await entries()
    assert (entry.code, entry.targets) == ("BAD_USER_INPUT", [])
    assert CANARY not in repr(entry)


async def test_each_mutation_of_an_operation_has_its_entry(audited: Client, stored: Stored) -> None:
    """In their order, whatever becomes of the others."""
    cancel = 'cancelFinetuning(finetuningId: "{}") {{ id }}'
    mutation = (
        f"mutation {{ a: {cancel.format(UNKNOWN_ID)} ...F }} "
        f"fragment F on Mutation {{ b: {cancel.format(stored.finetuning)} }}"
    )
    await audited.ask(mutation)
    told = [(entry.targets[0].id, entry.code) for entry in await entries()]
    assert told == [(UNKNOWN_ID, "FINETUNING_NOT_FOUND")]
    single = mutation.replace(f"a: {cancel.format(UNKNOWN_ID)}", "")
    await audited.data(single)
    assert [(entry.targets[0].id, entry.code) for entry in await entries()][1:] == [(stored.finetuning, None)]


async def test_what_was_cancelled_together_is_named_one_by_one(audited: Client, stored: Stored) -> None:
    """Those that the filter found."""
    other = await audited.world.create(db_connection_id=stored.connection)
    await audited.data("mutation { cancelFinetunings(filter: {status: [QUEUED]}) { count } }")
    (entry,) = await entries()
    assert {target.id for target in entry.targets} == {stored.finetuning, str(other.id)}


async def test_a_dry_run_and_a_read_leave_nothing(audited: Client, stored: Stored) -> None:
    """Nobody changed anything."""
    await audited.data(
        f'mutation {{ cancelFinetunings(finetuningIds: ["{stored.finetuning}"], dryRun: true) {{ count }} }}'
    )
    await audited.data("{ finetunings { nodes { id } } }")
    assert await entries() == []


async def test_a_forbidden_read_has_its_entry(audited: Client) -> None:
    """Under the field's coordinate."""
    powerless = replace(audited, caller=replace(CALLER, scopes=frozenset()))
    await powerless.refusal("{ apiKeys { nodes { id } } }")
    assert audited.audit is not None
    await audited.audit.close()
    (entry,) = await entries()
    assert (entry.action, entry.code, entry.targets) == ("Query.apiKeys", "FORBIDDEN", [])


async def test_a_secret_that_the_server_makes_is_not_kept(audited: Client) -> None:
    """The answer alone has the new key."""
    create = 'mutation { createApiKey(input: {name: "n", scopes: ["admin"]}) { key } }'
    key = (await audited.data(create))["createApiKey"]["key"]
    (made,) = await ApiKey.find_all().to_list()
    (entry,) = await entries()
    assert [(target.kind.value, target.id) for target in entry.targets] == [("api_key", str(made.id))]
    assert key[29:] not in repr(entry)


async def test_a_server_without_an_audit_log_keeps_none(audited: Client, stored: Stored) -> None:
    """And does the same otherwise."""
    silent = replace(audited, audit=None)
    await silent.data(f'mutation {{ cancelFinetuning(finetuningId: "{stored.finetuning}") {{ id }} }}')
    powerless = replace(silent, caller=replace(CALLER, scopes=frozenset()))
    assert (await powerless.refusal("{ apiKeys { nodes { id } } }"))["code"] == "FORBIDDEN"
    assert await entries() == []
