"""A job's own hyperparameters, compared with those asked for."""

from dataclasses import asdict
from math import isclose

from graphql_api.documents import Finetuning, FinetuningEventKind, ModelParameters, TrainedParameters
from graphql_api.providers.port import JobParameters, Parameter, ProviderJob
from graphql_api.store.expressions import Expression, Fields, event, literal

_NAMES = {
    "n_epochs": "nEpochs",
    "batch_size": "batchSize",
    "learning_rate_multiplier": "learningRateMultiplier",
}
_TOLERANCE = 1e-6
"""Some endpoints keep numbers in 32 bits."""


def read_back(job: ProviderJob) -> Fields:
    """Return the assignment of the job's own hyperparameters, if it names any."""
    said = asdict(job.parameters)
    return {"trained_parameters": literal(said)} if any(value is not None for value in said.values()) else {}


def differing(held: Finetuning, job: ProviderJob, now: Expression) -> list[tuple[Expression, Expression]]:
    """Return the timeline's entry for a job with other hyperparameters than those asked for.

    Each difference gives one entry, not one at every look; without a new one the list is empty.
    """
    asked, before = held.base_llm.model_parameters, held.trained_parameters
    told = differences(asked, job.parameters)
    if not told or (before and told == differences(asked, before)):
        return []
    return [(True, event(now, FinetuningEventKind.PARAMETERS_DIFFER, message=told))]


def differences(asked: ModelParameters, said: JobParameters | TrainedParameters) -> str:
    """Return the differences in words, or an empty text; a missing or automatic value does not differ."""
    pairs = {shown: (getattr(asked, name), getattr(said, name)) for name, shown in _NAMES.items()}
    return "; ".join(
        f"{shown}: asked for {wanted}, the job has {got}"
        for shown, (wanted, got) in pairs.items()
        if not _agree(_number(wanted), _number(got))
    )


def _agree(asked: float | None, said: float | None) -> bool:
    """Whether two numbers are the same; a missing one, or one left to the provider, agrees with any."""
    return asked is None or said is None or isclose(asked, said, rel_tol=_TOLERANCE)


def _number(value: Parameter | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
