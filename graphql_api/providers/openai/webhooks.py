"""Webhooks: the SDK's signature check behind guards of our own."""

import base64
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from openai import AsyncOpenAI, InvalidWebhookSignatureError

from graphql_api.providers.port import ForgedWebhookError, ProviderHint

_JOB_EVENTS = "fine_tuning.job."


def read_webhook(
    client: AsyncOpenAI, body: bytes, headers: Mapping[str, str], *, secret: str
) -> ProviderHint:
    """Return the delivery's id and its job, if any; raises ``ForgedWebhookError``.

    A signed but unreadable body is about no job. The provider meant it and would send it again for days,
    so it is accepted.
    """
    try:
        if not _key(secret).strip():
            raise ForgedWebhookError("an empty secret would accept every signature")
        client.webhooks.verify_signature(*_signed_text(body, dict(headers), secret=secret), secret=secret)
    except (InvalidWebhookSignatureError, TypeError, LookupError, ValueError) as refused:
        # A missing header or a signature outside ASCII ends in the last three.
        raise ForgedWebhookError("the webhook's signature is missing, wrong or too old") from refused
    with suppress(ValueError, RecursionError):
        return ProviderHint(delivery_id=headers["webhook-id"], job_id=_job_id(json.loads(body)))
    return ProviderHint(delivery_id=headers["webhook-id"], job_id=None)


def _signed_text(body: bytes, headers: dict[str, str], *, secret: str) -> tuple[str, dict[str, str]]:
    """Return the body with its headers; an empty text replaces bytes outside UTF-8.

    The SDK checks text alone. The empty text gets a right signature only if the one of the bytes is right.
    Raises ``ValueError`` or ``LookupError``.
    """
    with suppress(UnicodeDecodeError):
        return body.decode(), headers
    start = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    expected, given = _signature(start + body, secret=secret), headers["webhook-signature"].encode().split()
    if not any(hmac.compare_digest(expected, one.removeprefix(b"v1,")) for one in given):
        raise ValueError("the signature is not that of these bytes")
    return "", {**headers, "webhook-signature": _signature(start, secret=secret).decode()}


def _signature(content: bytes, *, secret: str) -> bytes:
    return base64.b64encode(hmac.digest(_key(secret), content, "sha256"))


def _key(secret: str) -> bytes:
    """Return the SDK's key for the secret: characters outside base64 are ignored."""
    encoded = secret.removeprefix("whsec_")
    return encoded.encode() if encoded == secret else base64.b64decode(encoded)


def _job_id(event: Any) -> str | None:
    """Return the job's id in an event of a known type."""
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str) or not kind.startswith(_JOB_EVENTS):
        return None
    data = event.get("data")
    job_id = data.get("id") if isinstance(data, dict) else None
    # Unprintable text (a lone surrogate, for example) cannot be stored, so it is no id.
    return job_id if isinstance(job_id, str) and job_id.isprintable() else None
