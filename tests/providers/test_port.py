"""The port's own data: the ended jobs, and the refusals for good."""

import pytest

from graphql_api.providers.port import (
    CredentialsError,
    JobStatus,
    NotSentError,
    OutcomeUnknownError,
    ProviderFault,
    RejectedError,
    RetryLaterError,
    UnknownJobError,
    is_refused_as_such,
)


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_has_ended_by_success_failure_or_cancel_only(status: JobStatus) -> None:
    """One that is being stopped, or whose status is unknown, is live."""
    assert status.is_terminal is (status.value in {"succeeded", "failed", "cancelled"})


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ProviderFault("no"), False),
        (NotSentError("no"), False),
        (RejectedError("no"), False),
        (RejectedError("no", as_such=True), True),
        (UnknownJobError("no"), True),
        (CredentialsError("no"), False),
        (RetryLaterError("no", retry_after_s=1), False),
        (OutcomeUnknownError("no"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_the_endpoints_own_refusal_is_one_as_such(fault: ProviderFault, *, expected: bool) -> None:
    """A missing object is one; a wrong key is not."""
    assert is_refused_as_such(fault) is expected


def test_a_fault_keeps_its_message_its_request_and_its_wait() -> None:
    """The provider's support asks for the request's id."""
    fault = RetryLaterError("Too many.", request_id="req-1", retry_after_s=2.5)
    assert (str(fault), fault.message, fault.request_id, fault.retry_after_s) == (
        "Too many.",
        "Too many.",
        "req-1",
        2.5,
    )
