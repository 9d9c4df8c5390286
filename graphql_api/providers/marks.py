"""Tells whether a provider's job is a finetuning's own."""

from collections.abc import Collection, Mapping

from graphql_api.providers.port import FINETUNING_ID_KEY


def is_ours(
    metadata: Mapping[str, str],
    training_file: object,
    *,
    finetuning_id: str,
    training_file_ids: Collection[str],
) -> bool:
    """Whether the job carries our id or, without any id, trains on one of our files."""
    mark = metadata.get(FINETUNING_ID_KEY)
    on_our_file = isinstance(training_file, str) and training_file in training_file_ids
    return on_our_file if mark is None else mark == finetuning_id
