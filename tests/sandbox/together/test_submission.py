"""What a job's creation refuses."""

import pytest
from together import AsyncTogether, BadRequestError

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.together.submission import read_submission
from tests.sandbox.together.conftest import JobMaker


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"training_file": "file-nobody"}, "training_file"),
        ({"suffix": "x" * 41}, "suffix"),
        ({"suffix": 7}, "suffix"),
        ({"n_epochs": 0}, "n_epochs"),
        ({"n_epochs": "auto"}, "n_epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": "auto"}, "batch_size"),
        ({"learning_rate": 0}, "learning_rate"),
    ],
)
async def test_a_bad_field_is_named(
    create_job: JobMaker, client: AsyncTogether, given: dict[str, object], param: str
) -> None:
    """A 400 with the parameter, and no job."""
    with pytest.raises(BadRequestError) as refusal:
        await create_job(**given)
    assert refusal.value.response.json()["error"]["param"] == param
    assert (await client.fine_tuning.list()).data == []


def test_the_longest_suffix_is_taken_and_the_rest_has_defaults() -> None:
    """As published."""
    read = read_submission({"model": "m", "training_file": "f", "suffix": "x" * 40, "packing": True})
    assert (read.n_epochs, read.batch_size, read.learning_rate) == (1, "max", 1e-5)


def test_a_body_is_an_object() -> None:
    """Anything else is refused."""
    with pytest.raises(ApiError, match="must be a JSON object"):
        read_submission([])
