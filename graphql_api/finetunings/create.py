"""Creates a finetuning after all checks; training starts later."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from graphql_api import inputs
from graphql_api.accounts.manage import usable_account
from graphql_api.caller import Caller
from graphql_api.catalogue.dataset import REQUIRED_GOLDEN_RECORDS, check_size
from graphql_api.catalogue.db_connections import find_db_connection
from graphql_api.documents import (
    BaseLlm,
    DbConnection,
    Finetuning,
    GoldenRecordIds,
    Idempotency,
    ProviderAccount,
)
from graphql_api.engine.engine import Engine
from graphql_api.errors import (
    BadUserInputError,
    GoldenRecordNotFoundError,
    InsufficientGoldenRecordsError,
)
from graphql_api.finetunings.base_llm import BaseLlmChoice, ModelPolicy, base_llm
from graphql_api.finetunings.quotas import take_quota
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.quotas import QuotaStore
from graphql_api.store.training_data import Sources
from graphql_api.tenancy import TenantScope

LONGEST_DEFAULT_ALIAS = inputs.LONGEST_ALIAS - len(" 2026-01-31")
LONGEST_IDEMPOTENCY_KEY = 255
LATER_FIELDS = ("provider_account_id", "seed", "suffix")
"""The fields added after the first stored fingerprints."""

LARGEST_SEED = 2**31 - 1
"""https://platform.openai.com/docs/api-reference/fine-tuning/create."""
SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""The length is from the same page. OpenAI names no characters; these are in all its models' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """A client's request; ``golden_records`` ``None`` means all of the connection's."""

    db_connection_id: str
    alias: str | None = None
    base_llm: BaseLlmChoice = field(default_factory=BaseLlmChoice)
    golden_records: list[str] | None = None
    metadata: object = None
    suffix: str | None = None
    seed: int | None = None
    idempotency_key: str | None = None
    provider_account_id: str | None = None

    @property
    def fingerprint(self) -> str:
        """The digest of the whole request, to tell a repeated call from a different one.

        Earlier versions stored it, and knew less. Without what is new it is the same as theirs.
        """
        absent = {name for name in LATER_FIELDS if getattr(self, name) is None}
        named = {name: value for name, value in asdict(self).items() if name not in absent}
        given = json.dumps(named, sort_keys=True, default=str)
        return hashlib.sha256(given.encode()).hexdigest()


async def create(
    request: CreateRequest,
    *,
    caller: Caller,
    policy: ModelPolicy,
    engine: Engine,
    quotas: QuotaStore | None = None,
) -> Finetuning:
    """Store the finetuning and return it, queued.

    A repeated call with the same idempotency key returns the first call's finetuning. Raises
    ``BadUserInputError``, ``ProviderAccountNotFoundError``, ``ProviderAccountDisabledError``,
    ``DbConnectionNotFoundError``, ``GoldenRecordNotFoundError``,
    ``InsufficientGoldenRecordsError``, ``TrainingFileTooLargeError``, ``ProviderNotSupportedError``,
    ``ModelNotSupportedError`` or ``QuotaExceededError``.
    """
    metadata = inputs.metadata(request.metadata)
    _check_suffix(request.suffix)
    _check_seed(request.seed)
    earlier = await _created_before(request, caller=caller, store=engine.store)
    if earlier is not None:
        return earlier
    account = await _account(request, caller=caller)
    chosen = base_llm(request.base_llm, policy=policy if account is None else policy.of(account))
    sources = engine.sources
    connection = await find_db_connection(request.db_connection_id, caller=caller, sources=sources)
    golden_records = await _golden_records(connection, request.golden_records, sources=sources)
    finetuning = _finetuning(
        request,
        connection,
        account=account,
        base_llm=chosen,
        golden_records=golden_records,
        metadata=metadata,
    )
    await take_quota(finetuning, quotas=quotas)
    stored = await engine.store.insert(finetuning)
    stored = stored or await _created_before(request, caller=caller, store=engine.store)
    assert stored is not None, "the unique index names an earlier finetuning"  # noqa: S101  ours to keep
    return stored


async def _created_before(
    request: CreateRequest, *, caller: Caller, store: FinetuningStore
) -> Finetuning | None:
    if request.idempotency_key is None:
        return None
    key = inputs.text(request.idempotency_key, name="idempotencyKey", longest=LONGEST_IDEMPOTENCY_KEY)
    earlier = await store.created_with(key, scope=TenantScope.of(caller))
    if earlier and earlier.idempotency and earlier.idempotency.fingerprint != request.fingerprint:
        raise BadUserInputError("idempotencyKey has been used with another input.", argument="idempotencyKey")
    return earlier


async def _account(request: CreateRequest, *, caller: Caller) -> ProviderAccount | None:
    """Return the chosen account; ``None`` for the server's own."""
    if request.provider_account_id is None:
        return None
    return await usable_account(request.provider_account_id, caller=caller)


def _check_suffix(suffix: str | None) -> None:
    if suffix is not None and not SUFFIX.fullmatch(suffix):
        raise BadUserInputError(
            "suffix must have 1 to 64 of the characters A-Z, a-z, 0-9, - and _.", argument="suffix"
        )


def _check_seed(seed: int | None) -> None:
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise BadUserInputError(f"seed must be a whole number from 0 to {LARGEST_SEED}.", argument="seed")


async def _golden_records(
    connection: DbConnection, given: list[str] | None, *, sources: Sources
) -> GoldenRecordIds | None:
    """Return the ids after a check: the connection has these records, enough and not too large to train on.

    ``None`` stays ``None``.
    """
    ids = None if given is None else [inputs.object_id(one, name="goldenRecords") for one in given]
    if ids is not None and len(set(ids)) != len(ids):
        raise BadUserInputError("goldenRecords must not name a record twice.", argument="goldenRecords")
    extent = await sources.extent(connection, ids)
    if ids is not None and extent.records < len(ids):
        known = await sources.known_ids(connection, ids)
        raise GoldenRecordNotFoundError([str(one) for one in ids if one not in known])
    if extent.records < REQUIRED_GOLDEN_RECORDS:
        raise InsufficientGoldenRecordsError(found=extent.records, required=REQUIRED_GOLDEN_RECORDS)
    check_size(connection, extent)
    return None if ids is None else GoldenRecordIds.of(ids)


def _finetuning(
    request: CreateRequest,
    connection: DbConnection,
    *,
    account: ProviderAccount | None,
    base_llm: BaseLlm,
    golden_records: GoldenRecordIds | None,
    metadata: dict[str, str] | None,
) -> Finetuning:
    now = datetime.now(UTC)
    dated = f"{connection.alias[:LONGEST_DEFAULT_ALIAS]} {now:%Y-%m-%d}"
    alias = dated if request.alias is None else request.alias
    key = request.idempotency_key
    return Finetuning(
        tenant=connection.tenant,
        db_connection_id=connection.id,
        alias=inputs.alias(alias),
        base_llm=base_llm,
        provider_account_id=account and account.id,
        golden_records=golden_records,
        metadata=metadata,
        suffix=request.suffix,
        seed=request.seed,
        idempotency=None if key is None else Idempotency(key=key, fingerprint=request.fingerprint),
        created_at=now,
        updated_at=now,
        due_at=now,
    )
