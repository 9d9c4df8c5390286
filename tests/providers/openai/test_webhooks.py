"""The signature check of webhooks.

The provider's signed webhooks are read; all others are forged.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import ForgedWebhookError, ProviderHint
from graphql_api.sandbox.openai.webhooks import sign
from tests.providers.openai.wire import provider_at

SECRET = "whsec_c2FuZGJveC1zZWNyZXQ="
OTHER_SECRET = "whsec_b3RoZXItc2VjcmV0"
BODY = b'{"type":"fine_tuning.job.succeeded","data":{"id":"ftjob-1"}}'
EMPTY_KEYS = ["", " ", "whsec_", "whsec_!!!!", "whsec_   "]
TOLERANCE_S = 300


@pytest.fixture
async def provider() -> AsyncIterator[OpenAIProvider]:
    """Yield a provider; reading a webhook makes no call."""
    async with provider_at("http://127.0.0.1:1/v1") as provider:
        yield provider


def headers_of(
    body: bytes, *, secret: str = SECRET, webhook_id: str = "evt_1", age_s: int = 0, **changes: str
) -> dict[str, str]:
    """Return the headers of a delivery that is signed with this secret."""
    timestamp = str(int(time.time()) - age_s)
    content = f"{webhook_id}.{timestamp}.{body.decode()}"
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(content, secret=secret),
    } | {f"webhook-{name}": value for name, value in changes.items()}


def headers_of_bytes(body: bytes, *, secret: str = SECRET, age_s: int = 0) -> dict[str, str]:
    """Return the headers of a delivery of any bytes, signed with this secret."""
    headers = headers_of(b"", secret=secret, age_s=age_s)
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    content = f"evt_1.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return headers | {"webhook-signature": f"v1,{signature}"}


@pytest.mark.parametrize("secret", [SECRET, "a secret without the prefix"])
@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled", "of_a_type_to_come"])
async def test_a_signed_job_event_names_its_job(provider: OpenAIProvider, secret: str, end: str) -> None:
    """For any event of a job, and in both forms of a secret, it is a hint to look at it."""
    body = json.dumps({"type": f"fine_tuning.job.{end}", "data": {"id": "ftjob-1"}}).encode()
    hint = provider.read_webhook(body, headers_of(body, secret=secret), secret=secret)
    assert hint == ProviderHint(delivery_id="evt_1", job_id="ftjob-1")


@pytest.mark.parametrize("age_s", [TOLERANCE_S - 5, 5 - TOLERANCE_S])
async def test_clocks_may_differ_by_five_minutes(provider: OpenAIProvider, age_s: int) -> None:
    """A timestamp less than that away, in the past or to come, is taken."""
    headers = headers_of(BODY, age_s=age_s)
    assert provider.read_webhook(BODY, headers, secret=SECRET).job_id == "ftjob-1"


async def test_one_of_several_signatures_is_enough(provider: OpenAIProvider) -> None:
    """While a secret is changed, the provider signs with the old and the new one."""
    old = headers_of(BODY, secret=OTHER_SECRET)
    new = headers_of(BODY)
    both = f"{old['webhook-signature']} {new['webhook-signature']}"
    assert provider.read_webhook(BODY, new | {"webhook-signature": both}, secret=SECRET).job_id == "ftjob-1"


FORGERIES: dict[str, Callable[[], dict[str, str]]] = {
    "another_secret": lambda: headers_of(BODY, secret=OTHER_SECRET),
    "another_body": lambda: headers_of(b"{}"),
    "another_id": lambda: headers_of(BODY) | {"webhook-id": "evt_2"},
    "another_moment": lambda: headers_of(BODY, timestamp=str(int(time.time()) - 30)),
    "empty_signature": lambda: headers_of(BODY, signature=""),
    "no_base64": lambda: headers_of(BODY, signature="v1,x"),
    "no_ascii": lambda: headers_of(BODY, signature="v1,é"),
    "no_number": lambda: headers_of(BODY, timestamp="now"),
    "negative": lambda: headers_of(BODY, timestamp="-1"),
    "endless_number": lambda: headers_of(BODY, timestamp="9" * 5000),
    "no_header": dict,
}


@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forgery_is_refused(provider: OpenAIProvider, headers: Callable[[], dict[str, str]]) -> None:
    """For any mismatch with the signature, there is one error."""
    with pytest.raises(ForgedWebhookError, match="missing, wrong or too old"):
        provider.read_webhook(BODY, headers(), secret=SECRET)


@pytest.mark.parametrize("missing", ["id", "timestamp", "signature"])
async def test_every_header_is_needed(provider: OpenAIProvider, missing: str) -> None:
    """A delivery without one of the three is refused."""
    headers = headers_of(BODY)
    del headers[f"webhook-{missing}"]
    with pytest.raises(ForgedWebhookError):
        provider.read_webhook(BODY, headers, secret=SECRET)


@pytest.mark.parametrize("age_s", [TOLERANCE_S + 5, -TOLERANCE_S - 5, 10**9])
async def test_an_old_delivery_is_refused(provider: OpenAIProvider, age_s: int) -> None:
    """A right signature of more than five minutes ago, or to come, may be a replay."""
    with pytest.raises(ForgedWebhookError):
        provider.read_webhook(BODY, headers_of(BODY, age_s=age_s), secret=SECRET)


@pytest.mark.parametrize("secret", [SECRET, "a secret without the prefix"])
async def test_a_body_that_is_no_text_is_taken_if_it_is_signed(provider: OpenAIProvider, secret: str) -> None:
    """The signature is over bytes, and in time, as any other."""
    body = BODY + b"\xff"
    signed = headers_of_bytes(body, secret=secret)
    assert provider.read_webhook(body, signed, secret=secret) == ProviderHint(
        delivery_id="evt_1", job_id=None
    )
    forgeries = [
        headers_of(BODY, secret=secret),
        headers_of(b"", secret=secret),
        headers_of_bytes(body, secret=OTHER_SECRET),
        headers_of_bytes(body, secret=secret, age_s=TOLERANCE_S + 5),
        signed | {"webhook-id": "evt_2"},
        signed | {"webhook-signature": "v1,é"},
        {},
    ]
    for headers in forgeries:
        with pytest.raises(ForgedWebhookError):
            provider.read_webhook(body, headers, secret=secret)


UNREADABLE = {
    "no_json": b"{",
    "nothing": b"",
    "deep": b'{"type": "fine_tuning.job.failed", "data": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "long_number": b"[" + b"9" * 5_000 + b"]",
    "lone_surrogate": BODY.replace(b"ftjob-1", b"\\ud800"),
    "nul": BODY.replace(b"ftjob-1", b"\\u0000"),
    "surrogate_type": BODY.replace(b"succeeded", b"\\udfff").replace(b"ftjob-1", b"\\udfff"),
    "type_of_another_kind": BODY.replace(b'"fine_tuning.job.succeeded"', b"[" * 900 + b"]" * 900),
    "no_unicode": b"\xff\xfe\xfd",
    "raw_surrogate": BODY.replace(b"ftjob-1", b"\xed\xa0\x80"),
}
"""What nobody can act on, and what the provider would send again for days if it were an error."""


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_a_signed_body_that_cannot_be_read_names_no_job(provider: OpenAIProvider, body: bytes) -> None:
    """The provider meant it, so it is no forgery; there is nothing in it to act on."""
    hint = provider.read_webhook(body, headers_of_bytes(body), secret=SECRET)
    assert hint == ProviderHint(delivery_id="evt_1", job_id=None)


@pytest.mark.parametrize("secret", EMPTY_KEYS)
async def test_a_secret_without_a_key_accepts_nobody(provider: OpenAIProvider, secret: str) -> None:
    """Anyone could sign with an empty key, so nothing that is signed with it is taken."""
    timestamp = str(int(time.time()))
    digest = hmac.new(b"", b"evt_1." + timestamp.encode() + b"." + BODY, hashlib.sha256).digest()
    headers = headers_of(BODY, signature=f"v1,{base64.b64encode(digest).decode()}", timestamp=timestamp)
    with pytest.raises(ForgedWebhookError, match="empty secret"):
        provider.read_webhook(BODY, headers, secret=secret)


@pytest.mark.parametrize(
    "event",
    [
        [],
        None,
        1,
        "fine_tuning.job.succeeded",
        {},
        {"type": None, "data": {"id": "ftjob-1"}},
        {"type": "batch.completed", "data": {"id": "ftjob-1"}},
        {"type": "fine_tuning.job.succeeded"},
        {"type": "fine_tuning.job.succeeded", "data": None},
        {"type": "fine_tuning.job.succeeded", "data": ["ftjob-1"]},
        {"type": "fine_tuning.job.succeeded", "data": {}},
        {"type": "fine_tuning.job.succeeded", "data": {"id": 1}},
        {"type": "fine_tuning.job.succeeded", "data": {"id": {"$ne": None}}},
    ],
    ids=str,
)
async def test_an_event_about_something_else_names_no_job(provider: OpenAIProvider, event: Any) -> None:
    """A signed event is taken, and one without a job hints at none."""
    body = json.dumps(event).encode()
    hint = provider.read_webhook(body, headers_of(body), secret=SECRET)
    assert hint == ProviderHint(delivery_id="evt_1", job_id=None)
