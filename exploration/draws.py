"""Draws the arguments of random operations.

A draw depends on the chance of a sequence, its finetunings, and the last sight of each holder.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from beanie import PydanticObjectId

from exploration.samples import job
from graphql_api.documents import BaseLlm, Finetuning, FinetuningStatus, Idempotency
from graphql_api.providers.port import ProviderFault, ProviderJob
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.intent import CancelRequest
from graphql_api.store.many_finetunings import UpkeepStore

START = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = ["plain", "$alias", "$$NOW", ""]
METADATA = [None, {}, {"reason": "$status"}, {"reason": "cost", "team": "a"}]


@dataclass(slots=True, kw_only=True)
class Draw:
    """The chance of one sequence, and everything its holders have seen so far."""

    random: Random
    new: list[Finetuning]
    held: list[Finetuning] = field(default_factory=list)

    def id(self) -> PydanticObjectId:
        """Return the id of one of the finetunings, whether it is stored yet or not."""
        return self.random.choice(self.new).id

    def holder(self) -> Finetuning:
        """Return some holder's last sight, mostly from a short time ago."""
        return self.random.choice(self.held[-4:] if self.random.random() < 0.8 else self.held)

    def token(self) -> str:
        """Return one of a few tokens, so that they meet again."""
        return self.random.choice(["t1", "t2", "t3"])

    def text(self) -> str:
        """Return a text. Most of them would be read as expressions if they were not literal."""
        return self.random.choice(TEXTS)

    def seconds(self) -> float:
        """Return a pause."""
        return self.random.choice([0, 1, 10.5, 70])

    def flag(self) -> bool:
        """Return either."""
        return self.random.random() < 0.5

    def status(self) -> FinetuningStatus:
        """Return any status."""
        return self.random.choice(list(FinetuningStatus))

    def job(self) -> ProviderJob:
        """Return a job as the provider might tell it."""
        told: dict[str, Any] = (
            {"trained_tokens": 7, "model_id": self.text(), "finished_at": START} if self.flag() else {}
        )
        return job(self.random.choice(["ftjob-1", "ftjob-2"]), **told)

    def fault(self) -> ProviderFault | None:
        """Return one of the provider's possible faults, or ``None``."""
        return self.random.choice([ProviderFault(self.text(), request_id=self.text()), None])

    def request(self) -> CancelRequest:
        """Return a cancel of somebody."""
        metadata = self.random.choice(METADATA)
        return CancelRequest(metadata=metadata, requested_by=self.random.choice([None, "$tenant"]))


@dataclass(frozen=True, slots=True)
class Stores:
    """Both faces of the collection."""

    finetunings: FinetuningStore
    upkeep: UpkeepStore


Call = Callable[[Stores], Awaitable[Any]]
"""An operation with its arguments, to be made on either store."""


def new_finetuning(random: Random, number: int) -> Finetuning:
    """Return a finetuning. It may share its idempotency key with another."""
    key = random.choice([None, None, "first", "second"])
    return Finetuning(
        tenant="default",
        db_connection_id=PydanticObjectId(),
        alias=random.choice(TEXTS),
        base_llm=BaseLlm(model_provider="openai", model_name="$$ROOT"),
        metadata=random.choice(METADATA),
        idempotency=None if key is None else Idempotency(key=key, fingerprint=str(number)),
        created_at=START,
        updated_at=START,
        due_at=START,
    )
