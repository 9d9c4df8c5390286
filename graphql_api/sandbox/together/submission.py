"""Checks the request for a job as Together AI does."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from graphql_api.sandbox.requests import checked


class Submission(BaseModel):
    """The body of ``POST /fine-tunes``; unknown fields are ignored."""

    model_config = ConfigDict(strict=True)

    model: Annotated[str, StringConstraints(min_length=1)]
    training_file: str
    suffix: Annotated[str, StringConstraints(max_length=40)] | None = None
    n_epochs: Annotated[int, Field(ge=1)] = 1
    batch_size: Annotated[int, Field(ge=1)] | Literal["max"] = "max"
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.00001


def read_submission(body: object) -> Submission:
    """Return the checked body; raises ``ApiError`` with the name of the bad parameter."""
    return checked(body, Submission, fields=frozenset(Submission.model_fields))
