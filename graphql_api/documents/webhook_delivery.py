"""The webhook delivery document, to recognise repeated deliveries."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import IndexModel

REMEMBERED_S = 4 * 24 * 3600
"""OpenAI delivers again for up to 72 hours."""


class WebhookDelivery(Document):
    """One delivery, by the provider's id."""

    id: str  # type: ignore[assignment]  # Beanie takes any type of id
    received_at: datetime

    class Settings:
        """The collection and its expiry."""

        name = "webhook_deliveries"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("received_at", 1)], name="forgotten", expireAfterSeconds=REMEMBERED_S)
        ]
