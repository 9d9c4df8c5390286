"""What a job's creation refuses."""

import pytest
from openai import AsyncOpenAI, BadRequestError
from openai.types import FileObject

from graphql_api.sandbox.openai import Sandbox
from tests.sandbox.conftest import JobMaker


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": ""}, "model"),
        ({"model": "llama"}, "model"),
        ({"model": None}, "model"),
        ({"training_file": "file-nobody"}, "training_file"),
        ({"validation_file": "file-nobody"}, "validation_file"),
        ({"suffix": ""}, "suffix"),
        ({"suffix": "s" * 65}, "suffix"),
        ({"seed": -1}, "seed"),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"n_epochs": "3"}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"batch_size": 257}}, "hyperparameters.batch_size"),
        (
            {"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 0}}}},
            "method.supervised.hyperparameters.n_epochs",
        ),
        (
            {"hyperparameters": {"learning_rate_multiplier": 0}},
            "hyperparameters.learning_rate_multiplier",
        ),
        ({"method": {"type": "dpo"}}, "method.type"),
        ({"metadata": {f"k{number}": "" for number in range(17)}}, "metadata"),
        ({"metadata": {"k" * 65: "v"}}, "metadata"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": {"k": 1}}, "metadata"),
    ],
)
async def test_bad_parameters_are_refused_by_name(
    create_job: JobMaker, sandbox: Sandbox, given: dict[str, object], param: str
) -> None:
    """A parameter out of its range is a 400 that names it, and no job is made."""
    with pytest.raises(BadRequestError) as refusal:
        await create_job(**given)
    assert refusal.value.param == param
    assert refusal.value.type == "invalid_request_error"
    assert sandbox.account.jobs() == []


async def test_limits_are_inclusive(create_job: JobMaker) -> None:
    """Everything at its limit is taken."""
    job = await create_job(
        suffix="s" * 64,
        seed=2**31 - 1,
        metadata={f"{number:064}": "v" * 512 for number in range(16)},
        method={
            "type": "supervised",
            "supervised": {
                "hyperparameters": {"n_epochs": 50, "batch_size": 256, "learning_rate_multiplier": 0.1}
            },
        },
    )
    assert job.seed == 2**31 - 1
    assert job.hyperparameters.n_epochs == 50
    assert job.hyperparameters.learning_rate_multiplier == 0.1
    assert len(job.metadata or {}) == 16


async def test_a_training_file_must_be_for_training(client: AsyncOpenAI, create_job: JobMaker) -> None:
    """A file with another purpose trains nothing."""
    batch = await client.files.create(file=("b.jsonl", b"{}"), purpose="batch")
    with pytest.raises(BadRequestError) as refusal:
        await create_job(training_file=batch.id)
    assert refusal.value.code == "invalid_file_purpose"


@pytest.mark.parametrize("missing", ["model", "training_file"])
async def test_required_parameters_are_named(
    client: AsyncOpenAI, training_file: FileObject, missing: str
) -> None:
    """A body without a required parameter is refused with its name."""
    body = {"model": "gpt-4", "training_file": training_file.id}
    del body[missing]
    with pytest.raises(BadRequestError) as refusal:
        await client.post("/fine_tuning/jobs", body=body, cast_to=object)
    assert (refusal.value.param, refusal.value.code) == (missing, "missing_required_parameter")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
async def test_a_body_must_be_a_json_object(client: AsyncOpenAI, content: bytes) -> None:
    """A body that is no JSON object is a 400."""
    with pytest.raises(BadRequestError):
        await client.post("/fine_tuning/jobs", content=content, cast_to=object)
