"""Translates a job's specification into OpenAI's API."""

import re
import unicodedata
from typing import cast

from openai.types.fine_tuning.job_create_params import Method

from graphql_api.providers.port import JobSpec

_SUFFIX_LENGTH = 40
"""Every endpoint takes this length: Azure's dated API is the strictest."""
_OPENAIS_SUFFIX_LENGTH = 64
_OPENAIS_DOMAIN = "openai.com"
_NOT_IN_A_MODEL_NAME = re.compile(r"[^A-Za-z0-9_]+")


def training_method(spec: JobSpec) -> Method:
    """Return supervised training with the hyperparameters; the API's top-level fields are deprecated."""
    hyperparameters = {
        "n_epochs": spec.n_epochs,
        "batch_size": spec.batch_size,
        "learning_rate_multiplier": spec.learning_rate_multiplier,
    }
    return cast("Method", {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}})


def longest_suffix(host: str) -> int:
    """Return the longest suffix known to work at this host, in characters."""
    is_openais = host == _OPENAIS_DOMAIN or host.endswith(f".{_OPENAIS_DOMAIN}")
    return _OPENAIS_SUFFIX_LENGTH if is_openais else _SUFFIX_LENGTH


def model_suffix(text: str, *, longest: int) -> str:
    """Return ``text`` as a part of a model name, at most ``longest`` of ``A-Za-z0-9_-``; it may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_IN_A_MODEL_NAME.sub("-", plain).strip("-")[:longest].rstrip("-")
