"""The settings of what one operation and one caller may take: part of ``Settings``."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from graphql_api.composition.setting_types import OFF, Lowered, Rate


class CallerLimits(BaseSettings):
    """The limits of operations and callers."""

    max_query_depth: int = Field(20, gt=0, description="The most levels of fields in one operation.")
    max_query_cost: int = Field(
        20_000, gt=0, description="The most fields that one operation may resolve, counted by its page sizes."
    )
    rate_limit: Rate = Field(
        "600000/minute",
        description="How many objects one caller may ask for, or `off`: what an operation resolves, as "
        "`MAX_QUERY_COST` counts it. Anonymous callers on this machine have no limit.",
    )
    rate_limit_cancels: Rate = Field(
        "6000/minute",
        description="How many more objects a caller may ask for that only cancels single finetunings, after "
        "`RATE_LIMIT` is used up.",
    )
    rate_limit_store: Lowered[Literal["memory", "mongodb"]] = Field(
        "memory",
        description="Where the objects are counted: in each process, or in MongoDB for all servers together.",
    )
    quota_live_finetunings: int | None = Field(
        None, ge=0, description="The most finetunings of a tenant that have not ended. Absent: no limit."
    )
    quota_creates_per_day: int | None = Field(
        None,
        ge=0,
        description="The most finetunings that a tenant may create in a day of UTC. Absent: no limit.",
    )

    @field_validator("rate_limit")
    @classmethod
    def _grants_every_operation(cls, value: str, info: ValidationInfo) -> str:
        most = info.data.get("max_query_cost", 0)
        if value != OFF and int(value.partition("/")[0]) < most:
            raise ValueError(f"must be at least MAX_QUERY_COST, {most}: a larger operation could never run")
        return value
