"""The quotas of a tenant over HTTP, on two servers with one database."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql_api.documents import Finetuning
from tests.http.conftest import client_of
from tests.world import World

CREATE = "mutation($id: ID!) { createFinetuning(input: {dbConnectionId: $id}) { id } }"


async def test_two_servers_hold_one_quota(world: World) -> None:
    """Of twelve creations at once three are done; each other one is told which quota, and until when."""
    connection = await world.connection()
    body = {"query": CREATE, "variables": {"id": str(connection.id)}}
    before = datetime.now(UTC)
    settings: dict[str, Any] = {"quota_creates_per_day": 3, "quota_live_finetunings": 100}
    async with client_of(world, **settings) as one, client_of(world, **settings) as other:
        answers = await asyncio.gather(
            *(server.post("/graphql", json=body) for _ in range(6) for server in (one, other))
        )
    told = [answer.json() for answer in answers]
    refused = [error["extensions"] for each in told for error in each.get("errors", ())]
    assert Counter(error["code"] for error in refused) == {"QUOTA_EXCEEDED": 9}
    assert await Finetuning.find_all().count() == 3
    assert {(error["quota"], error["limit"]) for error in refused} == {("creations a day", 3)}
    midnights = {(moment + timedelta(days=1)).date() for moment in (before, datetime.now(UTC))}
    free_at = {datetime.fromisoformat(error["freeAt"]) for error in refused}
    assert {moment.date() for moment in free_at} <= midnights
    assert {moment.timetz().isoformat() for moment in free_at} == {"00:00:00+00:00"}
