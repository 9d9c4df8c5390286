"""A job is ours by its mark, else by its training file."""

import pytest

from graphql_api.providers.marks import is_ours
from graphql_api.providers.port import FINETUNING_ID_KEY


@pytest.mark.parametrize(
    ("metadata", "training_file", "ours"),
    [
        ({FINETUNING_ID_KEY: "f1"}, "file-2", True),
        ({FINETUNING_ID_KEY: "f2"}, "file-1", False),
        ({"other": "f1"}, "file-1", True),
        ({}, "file-2", False),
        ({}, None, False),
        ({}, ["file-1"], False),
    ],
)
def test_the_mark_counts_for_more_than_the_file(
    metadata: dict[str, str], training_file: object, ours: bool
) -> None:
    """A job with another mark is another's, and without any mark the file decides."""
    assert is_ours(metadata, training_file, finetuning_id="f1", training_file_ids=["file-1"]) is ours
