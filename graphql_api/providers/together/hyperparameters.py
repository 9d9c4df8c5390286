"""Translates hyperparameters to Together AI's, and back.

Its learning rate is absolute, and ours is a multiple of its default. A missing one is the provider's choice.
"""

from typing import Any

from graphql_api.providers.port import JobParameters, JobSpec

_DEFAULT_LEARNING_RATE = 1e-5
_AUTO = "auto"
_LARGEST_BATCH = "max"
"""The word for the largest batch, which is the default."""


def submitted(spec: JobSpec) -> dict[str, Any]:
    """Return the fields of a create call for everything that is not ``auto``."""
    multiplier = spec.learning_rate_multiplier
    rate = multiplier if isinstance(multiplier, str) else _rounded(multiplier * _DEFAULT_LEARNING_RATE)
    given = {"n_epochs": spec.n_epochs, "batch_size": spec.batch_size, "learning_rate": rate}
    return {name: value for name, value in given.items() if value != _AUTO}


def read_parameters(answer: dict[str, Any]) -> JobParameters:
    """Return the hyperparameters reported by a job."""
    rate = _number(answer.get("learning_rate"))
    is_largest = answer.get("batch_size") == _LARGEST_BATCH
    return JobParameters(
        n_epochs=_number(answer.get("n_epochs")),
        batch_size=_AUTO if is_largest else _number(answer.get("batch_size")),
        learning_rate_multiplier=None if rate is None else _number(_rounded(rate / _DEFAULT_LEARNING_RATE)),
    )


def _number(value: object) -> int | float | None:
    """Return a positive number, or ``None``: unset ones are answered as 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**53:
        return None
    return int(value) if float(value).is_integer() else value


def _rounded(value: float) -> float:
    """Return the number without the traces of binary fractions, also of those with 32 bits."""
    return float(f"{value:.6g}")
