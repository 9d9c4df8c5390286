"""The base model: defaults, normalised parameters, the allow-list."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql_api import inputs
from graphql_api.accounts.fields import LONGEST_MODEL_NAME, is_allowed
from graphql_api.documents import BaseLlm, ModelParameters, ProviderAccount
from graphql_api.errors import BadUserInputError, ModelNotSupportedError, ProviderNotSupportedError

AUTO = "auto"
MOST_EPOCHS = 50
LARGEST_BATCH = 256
LARGEST_EXACT = 2.0**53
DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

Parameter = int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPolicy:
    """The models for training: the default one, and shell patterns of the allowed ones (empty: all)."""

    default_model: str
    allowed: Sequence[str] = ()
    providers: Sequence[str] = ("openai",)

    def of(self, account: ProviderAccount) -> "ModelPolicy":
        """Return the policy of a tenant's account."""
        return ModelPolicy(
            default_model=account.default_model or self.default_model,
            allowed=account.allowed_models,
            providers=(account.provider,),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChoice:
    """The client's hyperparameters, as numbers, numeric strings or ``"auto"``."""

    n_epochs: Parameter | None = None
    batch_size: Parameter | None = None
    learning_rate_multiplier: Parameter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseLlmChoice:
    """The client's choices for the base LLM; ``None`` leaves a choice to the defaults."""

    model_provider: str | None = None
    model_name: str | None = None
    model_parameters: ParameterChoice = field(default_factory=ParameterChoice)


def base_llm(choice: BaseLlmChoice, *, policy: ModelPolicy) -> BaseLlm:
    """Return the base LLM of the choice with defaults filled in.

    Raises ``ProviderNotSupportedError``, ``ModelNotSupportedError`` or ``BadUserInputError``.
    """
    provider = policy.providers[0] if choice.model_provider is None else choice.model_provider
    if provider not in policy.providers:
        raise ProviderNotSupportedError(provider, supported=policy.providers)
    model = policy.default_model if choice.model_name is None else choice.model_name
    inputs.text(model, name="baseLlm.modelName", longest=LONGEST_MODEL_NAME)
    if not is_allowed(model, allowed=policy.allowed):
        raise ModelNotSupportedError(model, allowed=policy.allowed)
    return BaseLlm(
        model_provider=provider, model_name=model, model_parameters=_parameters(choice.model_parameters)
    )


def _parameters(choice: ParameterChoice) -> ModelParameters:
    """Return the parameters, held to the ranges of OpenAI's API."""
    defaults = ModelParameters()
    return ModelParameters(
        n_epochs=_whole(choice.n_epochs, name="nEpochs", largest=MOST_EPOCHS, default=defaults.n_epochs),
        batch_size=_whole(
            choice.batch_size, name="batchSize", largest=LARGEST_BATCH, default=defaults.batch_size
        ),
        learning_rate_multiplier=_positive(
            choice.learning_rate_multiplier,
            name="learningRateMultiplier",
            default=defaults.learning_rate_multiplier,
        ),
    )


def _whole(value: Parameter | None, *, name: str, largest: int, default: int | str) -> int | str:
    if value is None:
        return default
    if value == AUTO:
        return AUTO
    number = _number(value)
    if number is None or number != int(number) or not 1 <= number <= largest:
        raise BadUserInputError(
            f'{name} must be "auto" or a whole number from 1 to {largest}.', argument=name
        )
    return int(number)


def _positive(value: Parameter | None, *, name: str, default: Parameter) -> Parameter:
    if value is None:
        return default
    if value == AUTO:
        return AUTO
    number = _number(value)
    if number is None or number <= 0:
        raise BadUserInputError(f'{name} must be "auto" or a number above 0.', argument=name)
    return number


def _number(value: Parameter) -> int | float | None:
    """Return the value or numeric string as a number, a whole one as ``int``; ``None`` for any other."""
    if isinstance(value, str) and not DECIMAL.fullmatch(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and number < LARGEST_EXACT else number
