"""Every failure of a call, over real connections.

The tests hold the exact fault, and the number of sends.
"""

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import together
from openai import APIConnectionError

from graphql_api.providers.failures import Failures
from graphql_api.providers.faults import fault_of_failure, retry_after_s
from graphql_api.providers.openai import sdk_client as openai_sdk
from graphql_api.providers.port import (
    CredentialsError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ProviderFault,
    RejectedError,
    RetryLaterError,
    UnknownJobError,
    is_refused_as_such,
)
from graphql_api.providers.together import sdk_client as together_sdk
from graphql_api.redaction import Redaction
from tests.providers.openai.wire import CALLS, SPEC, Call, error
from tests.providers.opening import KEY, Open, at_each
from tests.providers.raw_server import (
    RawServer,
    Script,
    answer,
    babble,
    cut_short,
    drip,
    hang_up,
    reset,
    reset_in_answer,
    stall,
)

BROKE = "The connection to the provider broke before its answer was complete"
TIMEOUT_S = 0.3


@dataclass(frozen=True)
class Row:
    """The server's act, and its necessary fault."""

    script: Script
    fault: type[ProviderFault]
    message: str
    call_timeout_s: float = 10.0


def _status(status: int, fault: type[ProviderFault], message: str, body: object = b"") -> Row:
    return Row(answer(status, body, headers={"location": "/v1/elsewhere"}), fault, message)


ROWS: dict[str, Row] = {
    "stall": Row(stall, OutcomeUnknownError, "The provider did not answer within 0.3 s", TIMEOUT_S),
    "slow drip": Row(drip, OutcomeUnknownError, "The provider did not answer within 0.3 s", TIMEOUT_S),
    "reset before any byte": Row(reset, OutcomeUnknownError, f"{BROKE} (RemoteProtocolError)"),
    "closed without an answer": Row(hang_up, OutcomeUnknownError, f"{BROKE} (RemoteProtocolError)"),
    "reset in the answer": Row(reset_in_answer, OutcomeUnknownError, f"{BROKE} (RemoteProtocolError)"),
    "answer cut short": Row(cut_short, OutcomeUnknownError, f"{BROKE} (RemoteProtocolError)"),
    "not HTTP": Row(babble, OutcomeUnknownError, f"{BROKE} (RemoteProtocolError)"),
    "body that does not unpack": Row(
        answer(200, b"plain", headers={"content-encoding": "gzip"}),
        OutcomeUnknownError,
        f"{BROKE} (DecodingError)",
    ),
    "301": _status(301, RejectedError, "The provider answered with a redirect (301): check the base URL"),
    "302": _status(302, RejectedError, "The provider answered with a redirect (302): check the base URL"),
    "303": _status(303, OutcomeUnknownError, "The provider failed (303)"),
    "307": _status(307, RejectedError, "The provider answered with a redirect (307): check the base URL"),
    "308": _status(308, RejectedError, "The provider answered with a redirect (308): check the base URL"),
    "400": _status(400, RejectedError, "The provider refused the request (400): no", error("no")),
    "401": _status(401, CredentialsError, "The provider refused the API key (401)", error(f"bad: {KEY}")),
    "403": _status(
        403, PermissionDeniedError, "The provider refused the request (403): no access", error("no access")
    ),
    "404": _status(404, UnknownJobError, "The provider refused the request (404): gone", error("gone")),
    "405": _status(405, RejectedError, "The provider refused the request (405)"),
    "408": _status(408, OutcomeUnknownError, "The provider failed (408): slow", error("slow")),
    "409": _status(409, OutcomeUnknownError, "The provider failed (409): busy", error("busy")),
    "413": _status(413, RejectedError, "The provider refused the request (413)"),
    "418": _status(418, RejectedError, "The provider refused the request (418)"),
    "422": _status(422, RejectedError, "The provider refused the request (422): bad", {"detail": "bad"}),
    "429": _status(429, RetryLaterError, "The provider asks to wait (429): easy", error("easy")),
    "429 with a spent budget, by code": _status(
        429,
        RejectedError,
        "The provider refused the request (429): pay",
        error("pay", code="insufficient_quota"),
    ),
    "429 with a spent budget, by type": _status(
        429,
        RejectedError,
        "The provider refused the request (429): pay",
        error("pay", kind="insufficient_quota"),
    ),
    "500": _status(500, OutcomeUnknownError, "The provider failed (500): oops", error("oops")),
    "502 of a gateway": _status(502, OutcomeUnknownError, "The provider failed (502)", b"<html>Bad</html>"),
    "503": _status(503, OutcomeUnknownError, "The provider failed (503): no", error("no")),
    "529": _status(529, OutcomeUnknownError, "The provider failed (529)"),
    "400 with half a JSON": _status(
        400, RejectedError, 'The provider refused the request (400): {"error": {"mess', b'{"error": {"mess'
    ),
    "400 with a list": _status(400, RejectedError, "The provider refused the request (400): no", ["no"]),
    "400 with null": _status(400, RejectedError, "The provider refused the request (400)", None),
    "400 with an error that is text": _status(
        400, RejectedError, "The provider refused the request (400): no", {"error": "no"}
    ),
    "400 with a message that is no text": _status(
        400, RejectedError, "The provider refused the request (400): b", error({"a": 1}, code=["b"], kind="")
    ),
    "400 with an error without words": _status(
        400, RejectedError, "The provider refused the request (400)", {"error": {"code": 7, "message": {}}}
    ),
    "422 as FastAPI answers": _status(
        422,
        RejectedError,
        "The provider refused the request (422): Field required; Not a number",
        {"detail": [{"loc": ["body"], "msg": "Field required"}, {"loc": [0], "msg": "Not a number"}]},
    ),
    "400 with a bottomless body": _status(
        400, RejectedError, f"The provider refused the request (400): {'[' * 299}…", b"[" * 200_000
    ),
    "400 with a megabyte of words": _status(
        400, RejectedError, f"The provider refused the request (400): {'x' * 299}…", error("x" * 2**20)
    ),
    "400 in an unknown charset": Row(
        answer(400, b"\xff\xfe", kind="text/plain; charset=no-such"),
        RejectedError,
        "The provider refused the request (400): \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}",
    ),
    "400 with control characters": _status(
        400, RejectedError, "The provider refused the request (400): a b c", error("a\x00b\r\n\x1b\ud800c")
    ),
    "400 that repeats the key": _status(
        400,
        RejectedError,
        "The provider refused the request (400): got [hidden] and [hidden] and [hidden]",
        error(f"got {KEY} and Bearer 12345 and ab****yz"),
    ),
}


@at_each
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_a_failing_answer_becomes_its_fault_after_one_request(
    row: Row, call: Call, provider_at: Open
) -> None:
    """Each failure has one exact fault, and the request is sent exactly once."""
    async with (
        RawServer(row.script).running() as server,
        provider_at(server.url, call_timeout_s=row.call_timeout_s) as provider,
    ):
        with pytest.raises(ProviderFault) as caught:
            await call(provider)
    assert (type(caught.value), caught.value.message) == (row.fault, row.message)
    assert len(server.requests) == 1


OPENAI_ERROR = APIConnectionError(request=httpx2.Request("GET", "http://x"))
TOGETHER_ERROR = together.APIConnectionError(request=httpx.Request("GET", "http://x"))
UNFORMED = [
    (openai_sdk.FAILURES, OPENAI_ERROR, httpx2.UnsupportedProtocol("no")),
    (openai_sdk.FAILURES, OPENAI_ERROR, httpx2.LocalProtocolError(f"Illegal header value {KEY}")),
    (together_sdk.FAILURES, TOGETHER_ERROR, httpx.UnsupportedProtocol("no")),
    (together_sdk.FAILURES, TOGETHER_ERROR, httpx.LocalProtocolError(f"Illegal header value {KEY}")),
]


@pytest.mark.parametrize(("failures", "wrapped", "cause"), UNFORMED)
@pytest.mark.parametrize("may_have_left", [False, True])
def test_a_request_that_cannot_be_formed_is_rejected(
    failures: Failures, wrapped: Exception, cause: Exception, *, may_have_left: bool
) -> None:
    """Such errors look like network errors, but repeating mends nothing."""
    wrapped.__cause__ = cause
    fault = fault_of_failure(wrapped, failures=failures, may_have_left=may_have_left, hide=Redaction(KEY))
    assert type(fault) is RejectedError
    assert fault.message == "The request could not be formed: check the provider's base URL and API key"


@at_each
async def test_no_traceback_of_a_fault_shows_the_key(provider_at: Open) -> None:
    """A fault is raised without the cause that may quote a header."""
    async with RawServer(answer(401, error(KEY))).running() as server, provider_at(server.url) as provider:
        with pytest.raises(CredentialsError) as caught:
            await provider.retrieve_job("ftjob-1")
    assert KEY not in "".join(traceback.format_exception(caught.value))


@at_each
@pytest.mark.parametrize("key", ["Zq7-pLm4_tRv9", "org:0123456789", "sk-Zq7pLm4tRv9", "a b c d e f g h"])
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
async def test_no_part_of_a_key_is_repeated(key: str, status: int, provider_at: Open) -> None:
    """Whatever it begins with: no run of six characters is left in the message or the request's id."""
    parts = [
        key[start : start + length] for length in range(6, len(key)) for start in range(len(key) - length)
    ]
    echo = answer(
        status, error(f"{key} {key[:8]}...{key[-6:]} /{'/'.join(parts)}/"), headers={"x-request-id": key}
    )
    async with RawServer(echo).running() as server, provider_at(server.url, key=key) as provider:
        with pytest.raises(ProviderFault) as caught:
            await provider.retrieve_job("ftjob-1")
    told = f"{caught.value.message} {caught.value.request_id} {caught.value!r}"
    assert "[hidden]" in told
    assert [key[start : start + 6] for start in range(len(key) - 5) if key[start : start + 6] in told] == []


REQUEST_IDS: dict[str, tuple[dict[str, str], str | None]] = {
    "none": ({}, None),
    "OpenAI's": ({"x-request-id": "req_1"}, "req_1"),
    "Azure's": ({"apim-request-id": "a-1", "x-ms-request-id": "m-1"}, "a-1"),
    "OpenAI's first": ({"request-id": "other", "x-request-id": "req_1"}, "req_1"),
    "empty": ({"x-request-id": ""}, None),
    "too long": ({"x-request-id": "r" * 10_000}, "r" * 127 + "…"),
    "a key": ({"x-request-id": f"for {KEY}"}, "for [hidden]"),
    "control characters": ({"x-request-id": "a\tb"}, "a b"),
}


@at_each
@pytest.mark.parametrize(("headers", "expected"), REQUEST_IDS.values(), ids=REQUEST_IDS)
async def test_a_fault_has_the_providers_request_id(
    headers: dict[str, str], expected: str | None, provider_at: Open
) -> None:
    """It is for the provider's support: legible, short, and without the key."""
    failing = answer(500, error("no"), headers=headers)
    async with RawServer(failing).running() as server, provider_at(server.url) as provider:
        with pytest.raises(OutcomeUnknownError) as caught:
            await provider.retrieve_job("ftjob-1")
    assert caught.value.request_id == expected


@at_each
@pytest.mark.parametrize(
    ("status", "code", "as_such"),
    [
        *[(status, None, True) for status in (400, 404, 405, 410, 422)],
        *[
            (status, None, False)
            for status in (301, 401, 402, 403, 408, 409, 413, 425, 429, 451, 500, 501, 503)
        ],
        (429, "insufficient_quota", False),
    ],
)
async def test_what_is_refused_as_such(
    status: int, code: str | None, as_such: bool, provider_at: Open
) -> None:
    """Only refusals that asking again, with a good key and a full purse, would not change."""
    refusal = answer(status, {"error": {"message": "no", "code": code}})
    async with RawServer(refusal).running() as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderFault) as caught:
            await provider.retrieve_job("ftjob-1")
    assert is_refused_as_such(caught.value) is as_such


NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
WAITS: dict[str, tuple[dict[str, str], float | None]] = {
    "no header": ({}, None),
    "seconds": ({"retry-after": "7"}, 7.0),
    "parts of a second": ({"retry-after": "0.5"}, 0.5),
    "milliseconds": ({"retry-after-ms": "1500"}, 1.5),
    "milliseconds win": ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
    "bad milliseconds": ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
    "a date": ({"retry-after": "Fri, 01 May 2026 12:00:30 GMT"}, 30.0),
    "a date without a zone": ({"retry-after": "Fri, 01 May 2026 12:00:30 -0000"}, 30.0),
    "a date in the past": ({"retry-after": "Fri, 01 May 2020 12:00:30 GMT"}, 0.0),
    "a negative number": ({"retry-after": "-5"}, 0.0),
    "longer than an hour": ({"retry-after": "1000000"}, 3600.0),
    "not a number": ({"retry-after": "nan"}, None),
    "endless": ({"retry-after": "inf"}, None),
    "a word": ({"retry-after": "soon"}, None),
    "an impossible date": ({"retry-after": "Fri, 99 May 2026 99:00:30 GMT"}, None),
    "the year one": ({"retry-after": "Mon, 01 Jan 0001 00:00:00 +1400"}, 0.0),
}


@pytest.mark.parametrize(("headers", "expected"), WAITS.values(), ids=WAITS)
def test_the_wait_is_read_from_the_headers(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, milliseconds and dates are understood; nonsense is no wait at all."""
    assert retry_after_s(httpx2.Headers(headers), now=NOW) == expected


@at_each
async def test_the_wait_arrives_with_the_fault(provider_at: Open) -> None:
    """A rate limit's wait travels through the SDK; the SDK itself does not wait."""
    limited = answer(429, error("slow down"), headers={"retry-after": "12"})
    async with RawServer(limited).running() as server, provider_at(server.url) as provider:
        with pytest.raises(RetryLaterError) as caught:
            await provider.create_job(SPEC)
    assert (caught.value.retry_after_s, len(server.requests)) == (12.0, 1)


@at_each
async def test_a_wait_until_a_date_counts_from_now(provider_at: Open) -> None:
    """A date far ahead is as long a wait as is believed."""
    limited = answer(429, headers={"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"})
    async with RawServer(limited).running() as server, provider_at(server.url) as provider:
        with pytest.raises(RetryLaterError) as caught:
            await provider.create_job(SPEC)
    assert caught.value.retry_after_s == 3600.0
