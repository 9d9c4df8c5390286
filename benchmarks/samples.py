"""The documents and provider jobs of a run, stored directly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx2
import orjson
from beanie import PydanticObjectId

from benchmarks.load import Request, authorized, request, send
from benchmarks.processes import HOST, ServerProcess
from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from graphql_api.caller import DEFAULT_TENANT
from graphql_api.documents import (
    BaseLlm,
    Dataset,
    Finetuning,
    FinetuningEvent,
    FinetuningEventKind,
    FinetuningStatus,
    GoldenRecordIds,
    Wanted,
)
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY
from graphql_api.scopes import ALL_SCOPES
from graphql_api.store.database import Database, initialise
from graphql_api.tenancy import TenantScope

KEY = "sk-local-demo"
MODEL = "gpt-4.1-mini-2025-04-14"
RECORDS = 17
NEWEST_AT = datetime(2026, 1, 1, 12, 30, 15, 250_000, tzinfo=UTC)
OLDER_AT = NEWEST_AT - timedelta(days=30)
"""The documents to cancel are older than the listed ones, so the list stays the same."""

TRAINING_FILE = b"\n".join(
    orjson.dumps(
        {
            "messages": [
                {"role": "user", "content": f"question {number}"},
                {"role": "assistant", "content": f"SELECT {number}"},
            ]
        }
    )
    for number in range(RECORDS)
)


async def train(database: Database, sandbox: ServerProcess, count: int) -> list[str]:
    """Store running finetunings, each with a live job at the sandbox, and return their ids."""
    ids = [PydanticObjectId() for _ in range(count)]
    return await store_training(database, await _make_jobs(sandbox, ids))


async def store_training(database: Database, jobs: Mapping[PydanticObjectId, str]) -> list[str]:
    """Store a running finetuning of each id with its provider job, and return their ids in the same order."""
    return await _store(database, [_finetuning(jobs[one], created_at=OLDER_AT, id=one) for one in jobs])


async def _make_jobs(
    sandbox: ServerProcess, finetuning_ids: Sequence[PydanticObjectId]
) -> dict[PydanticObjectId, str]:
    """Make live jobs at the sandbox with the metadata of these finetunings, and return their ids by those."""
    async with httpx2.AsyncClient(base_url=f"http://{HOST}:{sandbox.port}/v1", trust_env=False) as client:
        form = {"file": ("benchmark.jsonl", TRAINING_FILE)}
        headers = {"authorization": f"Bearer {KEY}"}
        uploaded = await client.post("/files", files=form, data={"purpose": "fine-tune"}, headers=headers)
    file_id = uploaded.raise_for_status().json()["id"]
    made = await send(
        sandbox.port, [_creation(file_id, one) for one in finetuning_ids], concurrency=8, keep=True
    )
    jobs = {job["metadata"][FINETUNING_ID_KEY]: job["id"] for job in map(orjson.loads, made.bodies)}
    return {one: jobs[str(one)] for one in finetuning_ids}


def _creation(file_id: str, finetuning_id: PydanticObjectId) -> Request:
    metadata = {FINETUNING_ID_KEY: str(finetuning_id), DEPLOYMENT_KEY: "benchmark"}
    body = orjson.dumps({"model": MODEL, "training_file": file_id, "metadata": metadata})
    return authorized(request("POST", "/v1/fine_tuning/jobs", body=body), key=KEY)


async def store_listed(database: Database, count: int) -> list[str]:
    """Store finetunings to read, running and ended by turns, and return their ids, the newest first."""
    statuses = (FinetuningStatus.RUNNING, FinetuningStatus.SUCCEEDED)
    found = [
        _finetuning(f"ftjob-read{n}", status=statuses[n % 2], created_at=NEWEST_AT - timedelta(seconds=n))
        for n in range(count)
    ]
    return await _store(database, found)


async def open_documents(database: Database) -> None:
    """Make the collections and their indexes, as a server's start does."""
    await initialise(database)


async def issue_key(pepper: str) -> str:
    """Store an API key with every right of the samples' tenant, and return it."""
    keys = ApiKeys(pepper=pepper.encode(), endings=Endings())
    key, _ = await keys.issue(
        scope=TenantScope(DEFAULT_TENANT), name="benchmark", scopes=ALL_SCOPES, expires_at=None
    )
    return key.text


async def _store(database: Database, finetunings: list[Finetuning]) -> list[str]:
    documents = [one.model_dump(by_alias=True, exclude={"revision_id"}) for one in finetunings]
    await database["finetunings"].insert_many(documents)
    return [str(one.id) for one in finetunings]


def _finetuning(
    job_id: str,
    *,
    status: FinetuningStatus = FinetuningStatus.RUNNING,
    created_at: datetime,
    **given: PydanticObjectId,
) -> Finetuning:
    """Return a finetuning as the engine leaves it; a live one is due tomorrow, beyond the worker's reach."""
    ended = status.is_terminal
    records = GoldenRecordIds.of(PydanticObjectId() for _ in range(RECORDS))
    return Finetuning(
        tenant=DEFAULT_TENANT,
        db_connection_id=PydanticObjectId(),
        alias="library",
        status=status,
        base_llm=BaseLlm(model_provider="openai", model_name=MODEL),
        finetuning_file_id="file-sandbox0123456789abcdef",
        finetuning_job_id=job_id,
        model_id=f"ft:{MODEL}:sandbox::01234567" if ended else None,
        golden_records=records,
        metadata={"team": "search", "purpose": "benchmark"},
        created_at=created_at,
        updated_at=created_at,
        finished_at=created_at if ended else None,
        synced_at=created_at,
        wanted=Wanted.TRAIN,
        dataset=_dataset(records),
        timeline=list(_timeline(created_at)),
        submission=None,
        **given,
        due_at=None if ended else datetime.now(UTC) + timedelta(days=1),
    )


def _dataset(records: GoldenRecordIds) -> Dataset:
    digest = sha256(TRAINING_FILE).hexdigest()
    size = len(TRAINING_FILE)
    return Dataset(golden_records=records, record_count=RECORDS, size_bytes=size, sha256=digest)


def _timeline(at: datetime) -> Iterator[FinetuningEvent]:
    kinds = FinetuningEventKind
    for kind in (kinds.CREATED, kinds.DATASET_PREPARED, kinds.FILE_UPLOADED, kinds.SUBMITTING):
        yield FinetuningEvent(at=at, kind=kind)
    for status in (FinetuningStatus.VALIDATING_FILES, FinetuningStatus.RUNNING):
        yield FinetuningEvent(at=at, kind=kinds.STATUS_CHANGED, status=status)
