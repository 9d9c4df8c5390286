"""Our marks in a job's ``suffix``, because its API has no metadata.

The suffix has at most 40 characters: the finetuning's id, a dash, and the first digits of the deployment's
digest. Some answers have no suffix, but the model's name, and the suffix is a part of that.
"""

import re
from hashlib import sha256
from typing import Any

from graphql_api.providers.answers import word_at
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY

LONGEST_SUFFIX = 40
_ID_DIGITS = 24
_DIGEST_DIGITS = LONGEST_SUFFIX - _ID_DIGITS - len("-")
_MARKS = re.compile(rf"(?<![0-9a-z])([0-9a-f]{{{_ID_DIGITS}}})-([0-9a-f]{{{_DIGEST_DIGITS}}})(?![0-9a-z])")


def marked_suffix(*, finetuning_id: str, deployment_id: str) -> str:
    """Return the suffix of a finetuning's job."""
    return f"{finetuning_id}-{_digest(deployment_id)}"


def read_marks(answer: dict[str, Any], *, deployment_id: str = "") -> dict[str, str]:
    """Return the marks of a job as metadata, which may be empty.

    A deployment is known by its digest alone; the digest of ``deployment_id`` is shown as this id.
    """
    found = _MARKS.search(word_at(answer, "suffix")) or _MARKS.search(word_at(answer, "model_output_name"))
    if found is None:
        return {}
    finetuning_id, digest = found.groups()
    return {
        FINETUNING_ID_KEY: finetuning_id,
        DEPLOYMENT_KEY: deployment_id if digest == _digest(deployment_id) else digest,
    }


def _digest(deployment_id: str) -> str:
    return sha256(deployment_id.encode()).hexdigest()[:_DIGEST_DIGITS]
