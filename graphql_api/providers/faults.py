"""Sorts failed calls: not sent, refused, later or unknown."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from graphql_api.providers.failures import Failures, Refusal
from graphql_api.providers.port import (
    CredentialsError,
    NotSentError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ProviderFault,
    RejectedError,
    RetryLaterError,
    UnknownJobError,
)
from graphql_api.providers.wording import legible, words_in
from graphql_api.redaction import HIDDEN, Redaction

# 303 means: the POST was carried out and its result is elsewhere. 408 and 409 do not say whether this
# request or an earlier one was carried out.
_UNDECIDED = frozenset({303, 408, 409})
_NOT_CARRIED_OUT = frozenset({400, 405, 410, 422})
_REQUEST_ID_HEADERS = ("x-request-id", "apim-request-id", "x-ms-request-id", "request-id")
"""OpenAI's header, both of Azure's, and the one of other endpoints."""
_LONGEST_REQUEST_ID = 128
_LONGEST_WAIT_S = 3600.0  # a header from outside must not let a job train for a week
_TOLD_LENGTH = 300
# Providers echo keys in part, masked with stars, and sometimes another's.
_KEY_LIKE = re.compile(r"\bsk-[\w.*-]+|\bBearer\s+\S+|\S{0,64}\*{3,}\S*", re.IGNORECASE)


def fault_of_silence(within_s: float, *, may_have_left: bool) -> ProviderFault:
    """Return the fault for a call beyond its time limit."""
    if may_have_left:
        return OutcomeUnknownError(f"The provider did not answer within {within_s:g} s")
    return NotSentError(f"The provider could not be reached within {within_s:g} s")


def fault_of_failure(
    error: Exception, *, failures: Failures, may_have_left: bool, hide: Redaction
) -> ProviderFault:
    """Return the fault for a call without a complete HTTP answer."""
    cause = error.__cause__ or error
    if isinstance(cause, failures.unsendable):
        return RejectedError("The request could not be formed: check the provider's base URL and API key")
    if may_have_left:
        return OutcomeUnknownError(_lost(cause, failures=failures))
    if isinstance(error, ValueError):
        return RejectedError("The client library refused to send the request")
    return NotSentError(_unreached(cause, failures=failures, hide=hide))


def is_silence(error: Exception, *, failures: Failures) -> bool:
    """Whether a call without a complete answer tells that the provider is silent.

    It does not if this side could not send it: without a free connection, or from a closed client.
    """
    cause = error.__cause__ or error
    at_home = (*failures.unsendable, failures.no_free_connection, RuntimeError)
    return not isinstance(cause, at_home) and not isinstance(error, ValueError)


def fault_of_answer(refusal: Refusal, *, now: datetime, hide: Redaction) -> ProviderFault:
    """Return the fault for an answer with an HTTP status other than 2xx, with the provider's request id."""
    fault = _sorted(refusal, now=now, hide=hide)
    fault.request_id = request_id(refusal.headers, hide=hide)
    return fault


def request_id(headers: Mapping[str, str], *, hide: Redaction) -> str | None:
    """Return the request's id for the provider's support, if the answer has one."""
    told = next(filter(None, map(headers.get, _REQUEST_ID_HEADERS)), "")
    return _without_keys(told, hide=hide, length=_LONGEST_REQUEST_ID) or None


def _sorted(refusal: Refusal, *, now: datetime, hide: Redaction) -> ProviderFault:
    status, told = refusal.status, _words_of(refusal.body, hide=hide)
    if status == 401:  # its text echoes a part of the key
        return CredentialsError("The provider refused the API key (401)")
    if status in _UNDECIDED or status >= 500:
        return OutcomeUnknownError(_phrase("The provider failed", status, told))
    # A redirect is a wrong address, not an outage: this endpoint did nothing and never will. Following it
    # would repeat the request elsewhere, with the key, as a GET.
    if 300 <= status < 400:
        return RejectedError(f"The provider answered with a redirect ({status}): check the base URL")
    if status == 429 and not _is_out_of_quota(refusal.body):
        wait_s = retry_after_s(refusal.headers, now=now)
        return RetryLaterError(_phrase("The provider asks to wait", status, told), retry_after_s=wait_s)
    message = _phrase("The provider refused the request", status, told)
    if status == 403:
        return PermissionDeniedError(message)
    if status == 404:
        return UnknownJobError(message)
    return RejectedError(message, as_such=status in _NOT_CARRIED_OUT)


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return the seconds to wait from the headers, between 0 and one hour; ``None`` if they have no time."""
    wait_s = _number(headers.get("retry-after-ms"), unit_s=0.001)
    if wait_s is None:
        stated = headers.get("retry-after")
        wait_s = _number(stated) if _number(stated) is not None else _seconds_until(stated, now=now)
    return None if wait_s is None else min(max(wait_s, 0.0), _LONGEST_WAIT_S)


def _number(text: str | None, *, unit_s: float = 1.0) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value * unit_s if isfinite(value) else None


def _seconds_until(http_date: str | None, *, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError):
        return None


def _is_out_of_quota(body: object) -> bool:
    """Tell a spent budget from a rate limit: both are 429, and waiting does not mend a budget."""
    return isinstance(body, dict) and "insufficient_quota" in (body.get("code"), body.get("type"))


def _words_of(body: object, *, hide: Redaction) -> str:
    """Return the provider's own words, shortened and without key-like text."""
    words = words_in(body)
    if words.startswith("<"):  # a gateway's HTML page
        return ""
    return _without_keys(words, hide=hide, length=_TOLD_LENGTH)


def _without_keys(text: str, *, hide: Redaction, length: int) -> str:
    # Cut first: the time to search for keys must not grow with a stranger's text.
    start = _KEY_LIKE.sub(HIDDEN, hide(text[: 4 * length]))
    return legible(start, length=length)


def _phrase(lead: str, status: int, told: str) -> str:
    return f"{lead} ({status}): {told}" if told else f"{lead} ({status})"


def _unreached(cause: BaseException, *, failures: Failures, hide: Redaction) -> str:
    if isinstance(cause, RuntimeError):
        return "The provider was not asked: the client is closed"
    if isinstance(cause, failures.no_free_connection):
        return "The provider was not asked: every connection is busy"
    if isinstance(cause, failures.timeout):
        return "The provider could not be reached in time"
    why = _without_keys(str(cause), hide=hide, length=_TOLD_LENGTH)
    return f"The provider could not be reached: {why}" if why else "The provider could not be reached"


def _lost(cause: BaseException, *, failures: Failures) -> str:
    if isinstance(cause, failures.timeout):
        return "The provider did not answer in time"
    return f"The connection to the provider broke before its answer was complete ({type(cause).__name__})"
