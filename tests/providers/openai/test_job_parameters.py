"""The hyperparameters in a job.

They may stand in any place and any form.
"""

import pytest

from graphql_api.providers.openai.answers import read_job
from graphql_api.providers.port import JobParameters
from tests.providers.openai.wire import job

SAID = {"n_epochs": 7, "batch_size": 2, "learning_rate_multiplier": 0.5}
READ = JobParameters(n_epochs=7, batch_size=2, learning_rate_multiplier=0.5)


def parameters(**answer: object) -> JobParameters:
    """Return the parameters of a job with nothing else about hyperparameters in its answer."""
    return read_job(job(**{"method": None, "hyperparameters": None, **answer})).parameters


PLACES: dict[str, dict[str, object]] = {
    "in the method": {"method": {"type": "supervised", "supervised": {"hyperparameters": SAID}}},
    "in another method": {"method": {"type": "dpo", "dpo": {"hyperparameters": SAID}}},
    "at the top": {"hyperparameters": SAID},
    "in the method, the rest at the top": {
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 7}}},
        "hyperparameters": {**SAID, "n_epochs": 3},
    },
    "at the top, the method empty": {
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": None}}},
        "hyperparameters": SAID,
    },
    "as text": {"hyperparameters": {name: str(value) for name, value in SAID.items()}},
    "as floats": {"hyperparameters": SAID | {"n_epochs": 7.0, "batch_size": 2.0}},
}


@pytest.mark.parametrize("answer", PLACES.values(), ids=PLACES)
def test_hyperparameters_are_read_wherever_they_stand(answer: dict[str, object]) -> None:
    """The method's own come first; the missing ones may stand in OpenAI's former place."""
    assert parameters(**answer) == READ


SILENT: list[object] = [None, {}, [], "auto", {"n_epochs": None}, {"n_epochs": []}, {"n_epochs": True}]
SILENT += [{"n_epochs": -2}, {"n_epochs": 0}, {"n_epochs": "many"}, {"n_epochs": "nan"}, {"n_epochs": 1e300}]


@pytest.mark.parametrize("said", SILENT, ids=repr)
def test_what_says_nothing_is_unknown(said: object) -> None:
    """No senseless value is taken for the trained one, and the job is not lost for it."""
    assert parameters(hyperparameters=said) == JobParameters()
    assert parameters(method=said) == JobParameters()
    assert parameters(method={"type": said, "supervised": said}) == JobParameters()


@pytest.mark.parametrize("auto", ["auto", "Auto", -1, -1.0, "-1"])
def test_auto_has_several_spellings(auto: object) -> None:
    """Azure writes -1."""
    said = parameters(hyperparameters={"n_epochs": auto, "batch_size": auto})
    assert said == JobParameters(n_epochs="auto", batch_size="auto")
