"""The webhooks already taken, to recognise a repeated delivery."""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from graphql_api.documents import WebhookDelivery
from graphql_api.store.expressions import mongodb_time


class Deliveries:
    """The remembered deliveries, by the provider's ids."""

    async def has(self, delivery_id: str) -> bool:
        """Return whether this delivery is remembered."""
        return await WebhookDelivery.get(delivery_id) is not None

    async def remember(self, delivery_id: str) -> None:
        """Remember the delivery, as long as the provider may repeat it."""
        received = [{"$set": {"received_at": mongodb_time()}}]
        with suppress(DuplicateKeyError):  # two upserts at once
            await WebhookDelivery.get_pymongo_collection().update_one(
                {"_id": delivery_id}, received, upsert=True
            )
