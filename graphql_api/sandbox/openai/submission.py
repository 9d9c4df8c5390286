"""Checks the request for a job as OpenAI does."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from graphql_api.sandbox.openai.jobs import Hyperparameters
from graphql_api.sandbox.requests import checked

Auto = Literal["auto"]
MetadataKey = Annotated[str, StringConstraints(max_length=64)]
MetadataValue = Annotated[str, StringConstraints(max_length=512)]


class SubmittedHyperparameters(BaseModel):
    """Hyperparameters in the published ranges."""

    model_config = ConfigDict(strict=True)

    n_epochs: Annotated[int, Field(ge=1, le=50)] | Auto = "auto"
    batch_size: Annotated[int, Field(ge=1, le=256)] | Auto | None = "auto"
    learning_rate_multiplier: Annotated[float, Field(gt=0, allow_inf_nan=False)] | Auto = "auto"


class SubmittedSupervision(BaseModel):
    """The supervised method of training."""

    hyperparameters: SubmittedHyperparameters | None = None


class SubmittedMethod(BaseModel):
    """The method of training; this stand-in knows only the supervised one."""

    type: Literal["supervised"]
    supervised: SubmittedSupervision | None = None


class Submission(BaseModel):
    """The body of ``POST /fine_tuning/jobs``; unknown fields are ignored."""

    model_config = ConfigDict(strict=True)

    model: Annotated[str, StringConstraints(min_length=1)]
    training_file: str
    validation_file: str | None = None
    suffix: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=16)] | None = None
    hyperparameters: SubmittedHyperparameters | None = None
    method: SubmittedMethod | None = None

    @property
    def asked(self) -> Hyperparameters:
        """The requested hyperparameters, from ``method`` or the deprecated top level."""
        supervised = self.method.supervised if self.method else None
        given = (supervised and supervised.hyperparameters) or self.hyperparameters
        return Hyperparameters(**given.model_dump(exclude_none=True)) if given else Hyperparameters()


def read_submission(body: object) -> Submission:
    """Return the checked body; raises ``ApiError`` with the name of the bad parameter."""
    return checked(body, Submission, fields=_FIELDS)


_FIELDS = frozenset(
    name
    for part in (Submission, SubmittedMethod, SubmittedSupervision, SubmittedHyperparameters)
    for name in part.model_fields
)
