"""Hyperparameters on their way to Together AI and back."""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.providers.port import JobParameters
from graphql_api.providers.together.hyperparameters import read_parameters, submitted
from tests.providers.together.wire import SPEC


@pytest.mark.parametrize(
    ("multiplier", "rate"), [(1, 1e-05), (1.8, 1.8e-05), (0.1, 1e-06), (3, 3e-05), (1 / 3, 3.33333e-06)]
)
def test_a_multiplier_is_of_the_default_rate(multiplier: float, rate: float) -> None:
    """It is sent without traces of binary fractions, and comes back as it was."""
    body = submitted(replace(SPEC, n_epochs=2, batch_size=8, learning_rate_multiplier=multiplier))
    assert body == {"n_epochs": 2, "batch_size": 8, "learning_rate": rate}
    read = read_parameters(body)
    assert (read.n_epochs, read.batch_size) == (2, 8)
    assert read.learning_rate_multiplier == pytest.approx(multiplier, rel=1e-5)


def test_what_is_auto_is_not_sent() -> None:
    """The provider chooses, as the client wished."""
    auto = replace(SPEC, n_epochs="auto", batch_size="auto", learning_rate_multiplier="auto")
    assert submitted(auto) == {}


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ({}, JobParameters()),
        ({"n_epochs": 0, "batch_size": 0, "learning_rate": 0}, JobParameters()),
        ({"n_epochs": True, "batch_size": "8", "learning_rate": None}, JobParameters()),
        ({"batch_size": "max"}, JobParameters(batch_size="auto")),
        ({"learning_rate": 1.7999999499807018e-05}, JobParameters(learning_rate_multiplier=1.8)),
        ({"learning_rate": 2e-05}, JobParameters(learning_rate_multiplier=2)),
    ],
)
def test_what_a_job_reports(answer: dict[str, Any], read: JobParameters) -> None:
    """Unset numbers are 0, and some servers keep 32 bits of a rate."""
    assert read_parameters(answer) == read
