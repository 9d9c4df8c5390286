"""The checks of one setting beside another."""

from typing import Any

import pytest
from pydantic import ValidationError

from graphql_api.composition.settings import Settings, complaints


def _complaint(**given: Any) -> str:
    """Return the line about the faults of these settings."""
    with pytest.raises(ValidationError) as invalid:
        Settings(**given)
    return complaints(invalid.value)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("max_bodies_bytes", "1000000", "must be above MAX_BODY_BYTES, 1000000"),
        ("allowed_models", "gpt-4o,gpt-3.5*", "must allow DEFAULT_MODEL, too"),
        ("store_stall_s", "20", "must be above twice MONGODB_TIMEOUT_S, 20 s"),
        ("lease_s", "45", "must be above OPENAI_UPLOAD_TIMEOUT_S, 45 s"),
        ("lease_s", "30", "must be above two provider calls of OPENAI_TIMEOUT_S, 30 s"),
        ("operation_timeout_s", "10", "must be above CANCEL_BUDGET_S, 10 s"),
        ("grace_s", "15", "must be above OPENAI_TIMEOUT_S, 15 s"),
    ],
)
def test_a_setting_does_not_contradict_another(name: str, value: str, reason: str) -> None:
    """The fault is named at the later one of the two."""
    assert _complaint(**{name: value}) == f"{name.upper()}: {reason}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("openai_timeout_s", "must be above two provider calls of OPENAI_TIMEOUT_S, 120 s"),
        ("openai_upload_timeout_s", "must be above OPENAI_UPLOAD_TIMEOUT_S, 60 s"),
    ],
)
def test_lease_outlives_every_step(name: str, reason: str) -> None:
    """A cancel with its read back, or an upload, that could outlive the lease is refused."""
    assert _complaint(**{name: "60"}) == f"LEASE_S: {reason}"


def test_a_stall_is_longer_than_an_outage_takes() -> None:
    """In an outage operations end with their time limit, and that is no reason to start the server again."""
    reason = "STORE_STALL_S: must be above twice MONGODB_TIMEOUT_S, 60 s"
    assert _complaint(mongodb_timeout_s="30") == reason
