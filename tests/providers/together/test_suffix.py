"""Our marks in a suffix of at most 40 characters."""

from typing import Any

import pytest

from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY
from graphql_api.providers.together.suffix import LONGEST_SUFFIX, marked_suffix, read_marks
from tests.providers.together.wire import FINETUNING, SUFFIX

DIGEST = SUFFIX[-15:]
MARKS = {FINETUNING_ID_KEY: FINETUNING, DEPLOYMENT_KEY: DIGEST}


def test_the_suffix_is_as_long_as_it_may_be() -> None:
    """The id stands in it as it is; of the deployment there are the first 60 bits of its digest."""
    assert SUFFIX == "0123456789abcdef01234567-18ac3e7343f0168"
    assert len(SUFFIX) == LONGEST_SUFFIX


@pytest.mark.parametrize(
    "answer",
    [
        {"suffix": SUFFIX},
        {"suffix": "", "model_output_name": f"me/Llama-3-{SUFFIX}-ab12cd34"},
        {"model_output_name": f"me/{SUFFIX}"},
    ],
)
def test_the_marks_are_in_the_suffix_or_the_models_name(answer: dict[str, Any]) -> None:
    """The answer about one job has no suffix, but the model's name."""
    assert read_marks(answer) == MARKS


def test_the_deployment_is_shown_by_its_id_where_it_is_known() -> None:
    """Another one is shown by its digest, and is never taken for the asking one."""
    assert read_marks({"suffix": SUFFIX}, deployment_id="d") == {**MARKS, DEPLOYMENT_KEY: "d"}
    assert read_marks({"suffix": SUFFIX}, deployment_id="other") == MARKS
    theirs = marked_suffix(finetuning_id=FINETUNING, deployment_id="other")
    assert read_marks({"suffix": theirs}, deployment_id="d")[DEPLOYMENT_KEY] not in {"d", "other", DIGEST}


@pytest.mark.parametrize(
    "suffix", [None, 7, "", "orders", FINETUNING, f"{FINETUNING}-", SUFFIX[:-1], f"{SUFFIX}0", f"x{SUFFIX}"]
)
def test_another_suffix_has_no_marks(suffix: object) -> None:
    """A part of a mark, or a longer text, is none."""
    assert read_marks({"suffix": suffix}) == {}
