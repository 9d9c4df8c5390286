"""The schema's own scalars in Python; pyproject.toml maps each to one of these."""

from typing import Literal, TypeAlias

StringMap: TypeAlias = dict[str, str]
"""Every JSON of the schema is metadata: a map of strings to strings."""

NumberOrAuto: TypeAlias = int | float | Literal["auto"]
"""A hyperparameter, or the provider's choice of it."""
