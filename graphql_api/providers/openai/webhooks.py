"""Webhooks: the SDK's signature check, behind guards for what it does not check itself."""

import base64
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
    """Return the delivery's id and the job it is about, if any; raises ``ForgedWebhookError``.

    A body that is signed and yet no JSON is about no job: the provider meant it, so it is taken.
    """
    try:
        if not _signs(secret):
            raise ForgedWebhookError("with an empty secret every signature would do")
        text = body.decode()
        client.webhooks.verify_signature(text, dict(headers), secret=secret)
    except (InvalidWebhookSignatureError, TypeError, ValueError) as refused:
        # A missing header, a signature that is no ASCII and a body that is no UTF-8 end in the latter two.
        raise ForgedWebhookError("the webhook's signature is missing, wrong or too old") from refused
    with suppress(ValueError):
        return ProviderHint(delivery_id=headers["webhook-id"], job_id=_job_id(json.loads(text)))
    return ProviderHint(delivery_id=headers["webhook-id"], job_id=None)


def _signs(secret: str) -> bool:
    """Whether the secret, read as the SDK reads it, has a key in it: what is no base64 is passed over."""
    encoded = secret.removeprefix("whsec_")
    return bool(encoded.strip() if encoded == secret else base64.b64decode(encoded))


def _job_id(event: Any) -> str | None:
    """Return the id of the job that an event of a known type is about."""
    if not isinstance(event, dict) or not str(event.get("type")).startswith(_JOB_EVENTS):
        return None
    data = event.get("data")
    job_id = data.get("id") if isinstance(data, dict) else None
    return job_id if isinstance(job_id, str) else None
