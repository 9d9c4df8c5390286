"""Statuses: live or ended, and each one of both."""

from graphql_api.documents import LIVE, TERMINAL, FinetuningStatus, Wanted


def test_a_status_is_live_or_an_end() -> None:
    """Three of each, none in both."""
    assert {one.value for one in LIVE} == {"queued", "validating_files", "running"}
    assert {one.value for one in TERMINAL} == {"succeeded", "failed", "cancelled"}
    assert {one for one in FinetuningStatus if one.is_terminal} == TERMINAL


def test_a_cancel_and_a_deletion_stop_the_job() -> None:
    """Training alone does not."""
    assert [one for one in Wanted if one.stops] == [Wanted.CANCEL, Wanted.DELETE]
