"""The reading of answers.

Odd but harmless parts are tolerated, never believed.
"""

from datetime import UTC, datetime

import pytest

from graphql_api.providers.openai.answers import read_job
from tests.providers.openai.wire import job

EPOCH = datetime.fromtimestamp(0, UTC)
NO_TIMES: list[object] = [None, -1, 0, 10**20, 1e300, float("nan"), float("inf"), True, "1721764800", [], {}]
NO_TIMES += ["", "-", "soon", "20260131", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"]


@pytest.mark.parametrize("value", NO_TIMES, ids=repr)
def test_a_time_that_is_none_does_not_lose_the_job(value: object) -> None:
    """A job with a senseless time is still ours to cancel: its creation falls on the epoch."""
    read = read_job(job(created_at=value, finished_at=value, estimated_finish=value))
    assert (read.created_at, read.finished_at, read.estimated_finish_at) == (EPOCH, None, None)


ISO_TIMES = [
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00",
    "2026-01-31T13:00:00.000+01:00",
    "2026-01-31 12:00:00+00:00",
]


@pytest.mark.parametrize("value", ISO_TIMES)
def test_a_time_in_iso_8601_is_a_time(value: str) -> None:
    """Some endpoints write dates; without an offset they are UTC."""
    read = read_job(job(created_at=value, finished_at=value))
    assert read.created_at == read.finished_at == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_time_with_fractions_is_a_time() -> None:
    """Some endpoints send floats."""
    assert read_job(job(created_at=1.5)).created_at == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "5768", -1, 1.5, True, 2**31, 2**63, []], ids=repr)
def test_trained_tokens_are_a_count_or_unknown(value: object) -> None:
    """Text, fractions and numbers too large to show are no counts; the largest to be shown is one."""
    assert read_job(job(trained_tokens=2**31 - 1)).trained_tokens == 2**31 - 1
    assert read_job(job(trained_tokens=value)).trained_tokens is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None),
        ({}, None),
        ({"code": None, "message": None, "param": None}, None),
        ({"code": "invalid_n_examples", "message": ""}, "invalid_n_examples"),
        ({"code": "x", "message": "Line 3\nis \x00bad\ud800"}, "Line 3 is bad"),
        ({"message": ["a"]}, "a"),
        ({"message": {}, "type": None}, None),
        ({"code": "bad", "message": {"reason": {"en": "No tokens"}}}, "No tokens"),
        ({"code": 7, "message": {"detail": [{"msg": "too few"}, {"msg": "too long"}]}}, "too few; too long"),
        ({"code": "bad", "message": {"at": 3}}, "bad"),
        ([{"error": "first"}], "first"),
        ("plain words", "plain words"),
        (7, None),
        ({"message": "x" * 5000}, "x" * 999 + "…"),
    ],
)
def test_the_reason_of_a_failure_is_short_printable_text(error: object, expected: str | None) -> None:
    """The message, else the code, on one line of at most 1000 characters."""
    assert read_job(job(status="failed", error=error)).error == expected


@pytest.mark.parametrize("value", [None, 7, [], "a\x00b", "x" * 513])
def test_an_id_that_cannot_be_one_is_left_out_rather_than_changed(value: object) -> None:
    """A shortened or cleaned id would be another id."""
    read = read_job(job(fine_tuned_model=value, training_file=value, model=value))
    assert (read.model_id, read.training_file_id, read.model) == (None, "", "")


def test_metadata_keeps_its_pairs_of_text_only() -> None:
    """Only text can be metadata."""
    assert read_job(job(metadata={"a": "1", "b": 2, "c": None})).metadata == {"a": "1"}
