"""The training file over REST: the uploaded bytes, or a problem."""

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace

import httpx2
import pytest
from beanie import PydanticObjectId
from structlog.testing import capture_logs

from graphql_api.access.budgets import Budgets
from graphql_api.audit.log import AuditLog
from graphql_api.documents import AuditEntry, DbConnection, Finetuning, GoldenRecord
from graphql_api.metrics import Metrics
from graphql_api.rate_limits import Budget, Counts
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.training_data import Example, Sources
from graphql_api.tenancy import TenantScope
from tests.http.conftest import client_of
from tests.http.guarded import Guarded, guarded_server
from tests.world import World

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"
NEEDED = (Scope.FINETUNINGS_READ, Scope.GOLDEN_RECORDS_READ)


def path_of(finetuning: Finetuning | str) -> str:
    """Return the path of the finetuning's file."""
    finetuning_id = finetuning if isinstance(finetuning, str) else str(finetuning.id)
    return f"/api/v1/finetunings/{finetuning_id}/training-file"


async def uploaded(world: World, *, golden_records: int = 10) -> Finetuning:
    """Return a finetuning whose training file is at the provider."""
    connection = await world.connection(golden_records=golden_records)
    created = await world.create(db_connection_id=str(connection.id))
    await world.work()
    return await world.read(created)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_the_uploaded_bytes_are_answered(http: httpx2.AsyncClient, world: World, encoding: str) -> None:
    """With their digest and a name, and their length unless they are compressed; also to HEAD."""
    finetuning = await uploaded(world, golden_records=400)
    [file] = world.files()
    answer = await http.get(path_of(finetuning), headers={"accept-encoding": encoding})
    assert (answer.status_code, answer.content) == (200, file.content)
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["training-file-sha256"] == hashlib.sha256(file.content).hexdigest()
    assert answer.headers["content-disposition"] == f'attachment; filename="{file.filename}"'
    assert answer.headers["cache-control"] == "no-store"
    length = str(len(file.content)) if encoding == "identity" else None
    assert answer.headers.get("content-length") == length
    head = await http.head(path_of(finetuning), headers={"accept-encoding": encoding})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["training-file-sha256"] == answer.headers["training-file-sha256"]


def problem(answer: httpx2.Response) -> tuple[int, str, dict[str, object]]:
    """Return the status, the code and the details of a refusal."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert "training-file-sha256" not in answer.headers
    return (
        answer.status_code,
        told["code"],
        {k: v for k, v in told.items() if k not in {"title", "status", "detail", "code"}},
    )


async def test_what_cannot_be_made_again_is_a_conflict(http: httpx2.AsyncClient, world: World) -> None:
    """Not one byte of another file is sent; the digest of the right one is named."""
    finetuning = await uploaded(world, golden_records=300)
    assert finetuning.dataset is not None
    last = list(finetuning.dataset.golden_records)[-1]
    await GoldenRecord.find_one({"_id": last}).update({"$set": {"sql": "SELECT 0"}})
    assert problem(await http.get(path_of(finetuning))) == (
        409,
        "DATASET_CHANGED",
        {"finetuning_id": str(finetuning.id), "sha256": finetuning.dataset.sha256},
    )


async def test_without_a_training_file_it_is_a_conflict(http: httpx2.AsyncClient, world: World) -> None:
    """And a missing or malformed id is what it is for a cancel."""
    queued = await world.create()
    assert problem(await http.get(path_of(queued))) == (
        409,
        "DATASET_NOT_FROZEN",
        {"finetuning_id": str(queued.id), "finetuning_status": "queued"},
    )
    missing = problem(await http.get(path_of(UNKNOWN_ID)))
    assert missing == (404, "FINETUNING_NOT_FOUND", {"finetuning_id": UNKNOWN_ID})
    assert problem(await http.get(path_of("x"))) == (400, "BAD_USER_INPUT", {"argument": "finetuningId"})
    assert (await http.post(path_of(queued), json={})).status_code == 405


@dataclass(frozen=True, kw_only=True)
class Edited(Sources):
    """A catalogue whose last record is edited, to the same length, behind the verification."""

    batches: int
    seen: list[int]

    async def examples(self, connection: DbConnection, ids: Collection[PydanticObjectId]) -> list[Example]:
        """Read, and edit."""
        self.seen.append(len(ids))
        found = await super().examples(connection, ids)
        if len(self.seen) <= 2 * self.batches - 1:
            return found
        return [*found[:-1], replace(found[-1], sql=found[-1].sql[::-1])]


async def take(http: httpx2.AsyncClient, finetuning: Finetuning, encoding: str, *, into: bytearray) -> None:
    """Take the file as it comes."""
    asked = http.stream("GET", path_of(finetuning), headers={"accept-encoding": encoding})
    async with asked as answer:
        async for piece in answer.aiter_bytes():
            into += piece


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_change_after_the_first_byte_breaks_the_answer_off(world: World, encoding: str) -> None:
    """No client takes wrong bytes for a whole file, though they are as many as the right ones."""
    finetuning = await uploaded(world, golden_records=300)
    sources = Edited(batches=3, seen=[])
    world.engine = replace(world.engine, sources=sources)
    taken = bytearray()
    with capture_logs() as log:
        async with client_of(world) as http:
            with pytest.raises(httpx2.RemoteProtocolError):
                await take(http, finetuning, encoding, into=taken)
    [file] = world.files()
    assert file.content.startswith(taken)
    assert len(taken) < len(file.content)
    assert len(sources.seen) == 6
    told = [one for one in log if one["event"] == "a training file was broken off"]
    assert [one["why"] for one in told] == ["DatasetChangedError"]


async def test_a_change_between_the_two_looks_at_a_small_file_is_a_conflict(world: World) -> None:
    """Nothing has been sent yet."""
    finetuning = await uploaded(world)
    world.engine = replace(world.engine, sources=Edited(batches=1, seen=[]))
    async with client_of(world) as http:
        assert problem(await http.get(path_of(finetuning)))[:2] == (409, "DATASET_CHANGED")


@pytest.fixture
def audit(world: World) -> AuditLog:
    """Return the server's audit log."""
    return AuditLog(AuditEntries(world.database["audit_entries"]), metrics=Metrics())


@pytest.fixture
async def guarded(world: World, audit: AuditLog) -> AsyncIterator[Guarded]:
    """Yield a server that wants keys, has a budget, and keeps an audit log."""
    counts = Counts(now=lambda: 0)
    budgets = Budgets(objects=Budget.of("100/minute", counts, kind="objects"))
    async with guarded_server(world, budgets=budgets, audit=audit, max_query_cost=100) as server:
        yield server


async def get(
    guarded: Guarded, finetuning: Finetuning | str, *scopes: Scope, tenant: str = "default"
) -> httpx2.Response:
    """Ask for the file with a new key."""
    key = await guarded.key(*scopes, tenant=TenantScope(tenant))
    return await guarded.http.get(path_of(finetuning), headers={"authorization": f"Bearer {key.text}"})


@pytest.mark.parametrize("scope", NEEDED)
async def test_both_scopes_are_needed(guarded: Guarded, world: World, scope: Scope) -> None:
    """Everything else is not enough."""
    finetuning = await uploaded(world)
    refused = await get(guarded, finetuning, *(ALL_SCOPES - {scope}))
    assert problem(refused) == (
        403,
        "FORBIDDEN",
        {"field": "This endpoint", "required_scopes": [sorted(NEEDED)]},
    )
    assert (await get(guarded, finetuning, *NEEDED)).status_code == 200
    assert (await guarded.http.get(path_of(finetuning))).status_code == 401


async def test_another_tenants_file_is_like_none(guarded: Guarded, world: World) -> None:
    """To the byte, apart from the id."""
    finetuning = await uploaded(world)
    theirs, none = [await get(guarded, one, *ALL_SCOPES, tenant="b") for one in (finetuning, UNKNOWN_ID)]
    assert theirs.status_code == 404
    assert theirs.content.replace(str(finetuning.id).encode(), UNKNOWN_ID.encode()) == none.content


async def test_each_call_has_its_audit_entry(guarded: Guarded, world: World, audit: AuditLog) -> None:
    """Allowed, refused and forbidden, before the answer."""
    finetuning = await uploaded(world)
    await get(guarded, finetuning, *NEEDED)
    await get(guarded, UNKNOWN_ID, *NEEDED)
    await get(guarded, finetuning, Scope.FINETUNINGS_READ)
    await audit.close()
    told = [
        (one.action, one.outcome.value, one.code, [target.id for target in one.targets])
        for one in await AuditEntry.find_all().sort("+_id").to_list()
    ]
    assert told == [
        ("rest training file", "allowed", None, [str(finetuning.id)]),
        ("rest training file", "refused", "FINETUNING_NOT_FOUND", [UNKNOWN_ID]),
        ("rest training file", "refused", "FORBIDDEN", [str(finetuning.id)]),
    ]


async def test_a_file_costs_by_its_size(guarded: Guarded, world: World) -> None:
    """The largest costs no more than the largest operation; then the budget is used up."""
    finetuning = await uploaded(world, golden_records=700)
    assert finetuning.dataset is not None
    assert finetuning.dataset.size_bytes > 80 * 2_000
    key = await guarded.key(*NEEDED)
    bearer = {"authorization": f"Bearer {key.text}"}
    answers = [await guarded.http.get(path_of(finetuning), headers=bearer) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
