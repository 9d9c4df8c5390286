"""Remembered webhooks: each delivery once, by MongoDB's clock."""

import asyncio
from datetime import UTC, datetime

from graphql_api.documents import WebhookDelivery
from graphql_api.store.database import Database
from graphql_api.store.webhook_deliveries import Deliveries


async def test_a_delivery_is_remembered(database: Database) -> None:
    """By its own id alone."""
    deliveries = Deliveries()
    assert await deliveries.has("evt_1") is False
    await deliveries.remember("evt_1")
    assert await deliveries.has("evt_1") is True
    assert await deliveries.has("evt_2") is False


async def test_equal_deliveries_at_once_are_remembered_once(database: Database) -> None:
    """All of the calls succeed."""
    await asyncio.gather(*(Deliveries().remember("evt_1") for _ in range(8)))
    (one,) = await WebhookDelivery.find_all().to_list()
    assert one.id == "evt_1"


async def test_a_repeated_delivery_is_remembered_for_longer(database: Database) -> None:
    """The time counts from the last one; it is MongoDB's, so it has a date's type."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    await WebhookDelivery(id="evt_1", received_at=long_ago).insert()
    await Deliveries().remember("evt_1")
    again = await WebhookDelivery.get("evt_1")
    assert again is not None
    assert again.received_at > long_ago
