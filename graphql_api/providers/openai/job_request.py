"""Puts a job's specification into the words of OpenAI's API."""

import re
import unicodedata
from typing import cast

from openai.types.fine_tuning.job_create_params import Method

from graphql_api.providers.port import JobSpec

_SUFFIX_LENGTH = 64
_NOT_IN_A_MODEL_NAME = re.compile(r"[^A-Za-z0-9_]+")


def training_method(spec: JobSpec) -> Method:
    """Return supervised training with the hyperparameters; the API's top-level ones are deprecated."""
    hyperparameters = {
        "n_epochs": spec.n_epochs,
        "batch_size": spec.batch_size,
        "learning_rate_multiplier": spec.learning_rate_multiplier,
    }
    return cast("Method", {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}})


def model_suffix(text: str) -> str:
    """Return ``text`` as a part of a model name, at most 64 of ``A-Za-z0-9_-``; it may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_IN_A_MODEL_NAME.sub("-", plain).strip("-")[:_SUFFIX_LENGTH].rstrip("-")
