"""The schema's own scalars in Python; pyproject.toml maps each to one of these."""

from typing import Literal, TypeAlias

StringMap: TypeAlias = dict[str, str]
"""All metadata of the schema."""

NumberOrAuto: TypeAlias = int | float | Literal["auto"]
"""A hyperparameter, or the provider's choice of it."""
