"""The provider's own log of a job as it is kept here: numbered lines, and the checkpoints it tells of."""

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
    """How well the model did at a step of its training; whatever the provider tells."""

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
        """Return those of the numbers that are known here by their names."""
        steps = {name: int(told[name]) for name in ("step", "total_steps") if name in told}
        counts = {name: step for name, step in steps.items() if 0 <= step <= LARGEST_STEP}
        shares = {name: told[name] for name in cls.model_fields.keys() & told.keys() - steps.keys()}
        return cls.model_validate({**counts, **shares})


class Checkpoint(BaseModel):
    """A model that the provider kept on the way; ``model_id`` can be used like that of a finished one."""

    id: str
    created_at: datetime
    model_id: str
    step_number: int
    metrics: TrainingMetrics


class ProviderEvent(Document):
    """One line of the provider's log, the ``number``-th of its finetuning, counted from 0 in their order.

    Lines are stored first and shown only below the finetuning's ``provider_events``, so that a crash in
    between leaves nothing that anybody has seen. A line never changes. By its ``digests`` it is recognised
    when it is told again; one that an earlier version stored has none until its log is read next.
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
        """What the line is, as it was stored; an earlier version wrote the epoch where no time was told."""
        at = None if self.at == UNTOLD else self.at
        return identity_of(self.event_id, at, self.level, self.message, self.metrics)

    class Settings:
        """Where the documents live and how they are found."""

        name = "provider_events"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("finetuning_id", ASCENDING), ("number", ASCENDING)], name="number", unique=True),
            IndexModel([("finetuning_id", ASCENDING), ("digests", ASCENDING)], name="digests"),
        ]


def identity_of(
    event_id: str, at: datetime | None, level: str, message: str, metrics: TrainingMetrics | None
) -> LineIdentity:
    """Return what the line is; its metrics are those that are kept of it."""
    numbers = metrics and metrics.model_dump()
    return LineIdentity(event_id, at, digest(level, message, numbers))


@dataclass(frozen=True, slots=True)
class LineRange:
    """The lines of a finetuning numbered from ``start`` on and below ``stop``."""

    finetuning_id: PydanticObjectId
    start: int
    stop: int

    @property
    def where(self) -> dict[str, Any]:
        """The filter that these lines pass."""
        return {"finetuning_id": self.finetuning_id, "number": {"$gte": self.start, "$lt": self.stop}}

    def has(self, line: ProviderEvent) -> bool:
        """Whether the line is one of them."""
        return line.finetuning_id == self.finetuning_id and self.start <= line.number < self.stop
