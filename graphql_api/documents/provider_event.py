"""The stored log of a provider's job: numbered lines, and checkpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel

from graphql_api.documents.line_identity import LineIdentity, digest
from graphql_api.documents.timeline import FinetuningEventKind

UNTOLD = datetime.fromtimestamp(0, UTC)

LARGEST_STEP = 2**31 - 1
"""GraphQL's integers have 32 bits."""


class TrainingMetrics(BaseModel):
    """The model's results at a step of its training, as far as the provider gives them."""

    step: int | None = None
    total_steps: int | None = None
    train_loss: float | None = None
    train_mean_token_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None

    @classmethod
    def of(cls, told: Mapping[str, float]) -> "TrainingMetrics":
        """Return the numbers with known names."""
        steps = {name: int(told[name]) for name in ("step", "total_steps") if name in told}
        counts = {name: step for name, step in steps.items() if 0 <= step <= LARGEST_STEP}
        shares = {name: told[name] for name in cls.model_fields.keys() & told.keys() - steps.keys()}
        return cls.model_validate({**counts, **shares})


class Checkpoint(BaseModel):
    """A model kept by the provider during training; its ``model_id`` works like a finished model's."""

    id: str
    created_at: datetime
    model_id: str
    step_number: int
    metrics: TrainingMetrics


class ProviderEvent(Document):
    """One line of the provider's log, the ``number``-th of its finetuning, counted from 0 in their order.

    Lines are stored first, and shown only if their number is below the finetuning's ``provider_events``. So a
    crash in between leaves only lines unseen by clients. A line never changes. By its ``digests`` it is
    recognised in later answers; a line stored by an earlier version gets them at the next read of its log.
    """

    id: PydanticObjectId
    finetuning_id: PydanticObjectId
    number: int
    event_id: str
    at: datetime
    kind: FinetuningEventKind
    level: str
    message: str
    metrics: TrainingMetrics | None = None
    digests: list[int] = Field(default_factory=list)

    actor: ClassVar[None] = None
    status: ClassVar[None] = None
    request_id: ClassVar[None] = None

    @property
    def identity(self) -> LineIdentity:
        """The identity of the stored line; an earlier version stored the epoch for a missing time."""
        at = None if self.at == UNTOLD else self.at
        return identity_of(self.event_id, at, self.level, self.message, self.metrics)

    class Settings:
        """The collection and its indexes."""

        name = "provider_events"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("finetuning_id", ASCENDING), ("number", ASCENDING)], name="number", unique=True),
            IndexModel([("finetuning_id", ASCENDING), ("digests", ASCENDING)], name="digests"),
        ]


def identity_of(
    event_id: str, at: datetime | None, level: str, message: str, metrics: TrainingMetrics | None
) -> LineIdentity:
    """Return the identity of the line with these stored metrics."""
    numbers = metrics and metrics.model_dump()
    return LineIdentity(event_id, at, digest(level, message, numbers))


@dataclass(frozen=True, slots=True)
class LineRange:
    """A finetuning's lines with numbers from ``start`` on and below ``stop``."""

    finetuning_id: PydanticObjectId
    start: int
    stop: int

    @property
    def where(self) -> dict[str, Any]:
        """The filter of these lines."""
        return {"finetuning_id": self.finetuning_id, "number": {"$gte": self.start, "$lt": self.stop}}

    def has(self, line: ProviderEvent) -> bool:
        """Whether the line is one of them."""
        return line.finetuning_id == self.finetuning_id and self.start <= line.number < self.stop
