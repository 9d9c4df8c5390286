"""The base LLM of a finetuning.

The tests hold its defaults, its parameters in any spelling of a number, and the operator's choice.
"""

import pytest

from graphql_api.errors import BadUserInputError, ModelNotSupportedError, ProviderNotSupportedError
from graphql_api.finetunings.base_llm import BaseLlmChoice, ModelPolicy, Parameter, ParameterChoice, base_llm

POLICY = ModelPolicy(default_model="gpt-4")


def parameters(**chosen: Parameter) -> dict[str, Parameter]:
    """Return the parameters of a base LLM with this choice."""
    choice = BaseLlmChoice(model_parameters=ParameterChoice(**chosen))
    return base_llm(choice, policy=POLICY).model_parameters.model_dump()


def test_a_choice_left_open_gets_the_defaults() -> None:
    """Three epochs, batches of one, and the provider's own learning rate."""
    chosen = base_llm(BaseLlmChoice(), policy=POLICY)
    assert (chosen.model_provider, chosen.model_name) == ("openai", "gpt-4")
    assert parameters() == {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": "auto"}


@pytest.mark.parametrize(
    ("given", "kept"), [("1", 1), (1, 1), (1.0, 1), ("1.0", 1), (50, 50), ("50", 50), ("auto", "auto")]
)
def test_epochs_are_whole_numbers(given: Parameter, kept: Parameter) -> None:
    """A numeric string becomes its number."""
    epochs = parameters(n_epochs=given)["n_epochs"]
    assert (epochs, type(epochs)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("given", "kept"),
    [(0.5, 0.5), ("0.5", 0.5), ("2", 2), (2.0, 2), (1e-9, 1e-9), ("1e-1", 0.1), ("auto", "auto")],
)
def test_the_learning_rate_multiplier_is_any_number_above_zero(given: Parameter, kept: Parameter) -> None:
    """Whole ones are kept as whole numbers."""
    multiplier = parameters(learning_rate_multiplier=given)["learning_rate_multiplier"]
    assert (multiplier, type(multiplier)) == (kept, type(kept))


UNUSABLE: list[Parameter] = [
    0,
    -1,
    "0",
    "-1",
    "",
    " ",
    "AUTO",
    "none",
    "nan",
    "inf",
    "-inf",
    float("nan"),
    float("inf"),
    "1e999",
    "9" * 5000,
    10**400,
    "1,5",
    "0x1",
]


@pytest.mark.parametrize("given", [*UNUSABLE, 1.5, "1.5", 51, "51", 10**30])
def test_unusable_epochs_are_refused(given: Parameter) -> None:
    """The message gives the range."""
    with pytest.raises(BadUserInputError) as refusal:
        parameters(n_epochs=given)
    assert refusal.value.message == 'nEpochs must be "auto" or a whole number from 1 to 50.'
    assert refusal.value.details == {"argument": "nEpochs"}


@pytest.mark.parametrize("given", [0, 257, "257", 1.5])
def test_unusable_batch_sizes_are_refused(given: Parameter) -> None:
    """Batches are of 1 to 256 examples."""
    assert parameters(batch_size=256)["batch_size"] == 256
    with pytest.raises(BadUserInputError) as refusal:
        parameters(batch_size=given)
    assert refusal.value.message == 'batchSize must be "auto" or a whole number from 1 to 256.'


@pytest.mark.parametrize("given", UNUSABLE)
def test_unusable_learning_rate_multipliers_are_refused(given: Parameter) -> None:
    """Zero, less than zero, and anything but a number."""
    with pytest.raises(BadUserInputError) as refusal:
        parameters(learning_rate_multiplier=given)
    assert refusal.value.message == 'learningRateMultiplier must be "auto" or a number above 0.'


@pytest.mark.parametrize("provider", ["", "OpenAI", "azure", "x" * 5000])
def test_an_unknown_provider_is_refused(provider: str) -> None:
    """The error names the known ones."""
    with pytest.raises(ProviderNotSupportedError) as refusal:
        base_llm(BaseLlmChoice(model_provider=provider), policy=POLICY)
    assert refusal.value.details == {"supported": ["openai"]}


@pytest.mark.parametrize("model", ["gpt-3.5-turbo-1106", "gpt-4o", "anything/else:1", "x" * 256])
def test_without_patterns_any_model_passes(model: str) -> None:
    """Model names are the provider's business."""
    assert base_llm(BaseLlmChoice(model_name=model), policy=POLICY).model_name == model


@pytest.mark.parametrize("model", ["", "  ", "x" * 257, "\ud800"])
def test_a_model_name_that_is_no_name_is_refused(model: str) -> None:
    """Blank, over-long or not Unicode."""
    with pytest.raises(BadUserInputError, match=r"^baseLlm\.modelName must "):
        base_llm(BaseLlmChoice(model_name=model), policy=POLICY)


@pytest.mark.parametrize(
    ("model", "passes"),
    [("gpt-4o", True), ("GPT-4o", False), ("o1", False), ("xgpt-4", False), ("ft:gpt-4o:acme::a1", False)],
)
def test_patterns_limit_the_models(model: str, passes: bool) -> None:
    """They match the whole name, letter by letter; the error tells them."""
    policy = ModelPolicy(default_model="gpt-4", allowed=["gpt-4*", "gpt-3.5-turbo"])
    if passes:
        assert base_llm(BaseLlmChoice(model_name=model), policy=policy).model_name == model
        return
    with pytest.raises(ModelNotSupportedError) as refusal:
        base_llm(BaseLlmChoice(model_name=model), policy=policy)
    assert refusal.value.details == {"allowed": ["gpt-4*", "gpt-3.5-turbo"]}
