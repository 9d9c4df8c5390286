"""The training is read back from the job.

The job's own hyperparameters are stored, and a difference is told once.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.documents import FinetuningEventKind, ModelParameters, TrainedParameters
from graphql_api.finetunings.base_llm import BaseLlmChoice, ParameterChoice
from graphql_api.providers.port import JobParameters
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.store.read_back import differences, differing
from tests.provider_faults import at
from tests.world import World

SEVEN = BaseLlmChoice(model_parameters=ParameterChoice(n_epochs=7, batch_size=2, learning_rate_multiplier=2))


def told(finetuning: Any) -> list[str]:
    """Return the differences that its timeline tells of."""
    differ = FinetuningEventKind.PARAMETERS_DIFFER
    return [entry.message for entry in finetuning.timeline if entry.kind is differ]


async def test_what_the_job_says_is_stored_and_a_difference_told_once(world: World) -> None:
    """A gateway drops the method: 7 epochs were asked for, 3 are trained, and both can be seen."""
    world.fault(at("jobs.create", Fault(kind=FaultKind.METHOD_DROPPED)))
    trains = await world.created_and_training(base_llm=SEVEN)
    assert trains.base_llm.model_parameters.n_epochs == 7
    said = trains.trained_parameters
    assert said is not None
    assert said.n_epochs == world.jobs()[0].resolved.n_epochs == 3
    [difference] = told(trains)
    assert difference.startswith("nEpochs: asked for 7, the job has 3")
    await world.drain(seconds=60)
    assert told(await world.read(trains)) == [difference]


async def test_a_difference_is_told_once_whatever_else_the_job_says(world: World) -> None:
    """A provider fills in its own choices as it goes on; only another difference is news."""
    world.fault(at("jobs.create", Fault(kind=FaultKind.METHOD_DROPPED)))
    seven = BaseLlmChoice(model_parameters=ParameterChoice(n_epochs=7, batch_size="auto"))
    trains = await world.created_and_training(base_llm=seven)
    job = await (await world.engine.provider_of(trains)).retrieve_job(str(trains.finetuning_job_id))
    later = replace(job, parameters=replace(job.parameters, batch_size=9))
    worse = replace(job, parameters=replace(job.parameters, n_epochs=1))
    assert differing(trains, later, "$$NOW") == []
    assert len(differing(trains, worse, "$$NOW")) == 1


async def test_a_job_that_was_never_looked_at_alive_tells_it_at_its_end(world: World) -> None:
    """However soon a job ends, its training parameters are stored with its end."""
    world.fault(at("jobs.create", Fault(kind=FaultKind.METHOD_DROPPED)))
    created = await world.create(base_llm=SEVEN)
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.retrieve"))
    await world.work()
    done = await world.read(created)
    assert done.model_id is not None
    assert len(told(done)) == 1
    assert done.trained_parameters is not None


async def test_a_job_as_it_was_asked_for_tells_no_difference(world: World) -> None:
    """The provider's choice stands for every parameter left to it."""
    trains = await world.created_and_training()
    assert trains.base_llm.model_parameters == ModelParameters()
    assert trains.trained_parameters == TrainedParameters(
        n_epochs=3, batch_size=1, learning_rate_multiplier=world.jobs()[0].resolved.learning_rate_multiplier
    )
    assert told(trains) == []


AGREE = [(3, 3), (3, "3"), (3, 3.0), ("3", 3), (3, None), (3, "auto"), ("auto", 4), ("auto", "auto")]


@pytest.mark.parametrize(("asked", "said"), AGREE)
def test_what_is_the_same_or_open_does_not_differ(asked: Any, said: Any) -> None:
    """A number is a number however it is written, and "auto" agrees with any choice."""
    wanted = ModelParameters(n_epochs=asked, learning_rate_multiplier=0.1)
    has = JobParameters(n_epochs=said, learning_rate_multiplier=0.10000000149011612)
    assert differences(wanted, has) == ""


def test_each_difference_is_told_by_the_schemas_name() -> None:
    """With the requested value and the job's."""
    wanted = ModelParameters(n_epochs=7, batch_size=2, learning_rate_multiplier=0.5)
    has = JobParameters(n_epochs=3, batch_size=2, learning_rate_multiplier=2)
    assert differences(wanted, has) == (
        "nEpochs: asked for 7, the job has 3; learningRateMultiplier: asked for 0.5, the job has 2"
    )
