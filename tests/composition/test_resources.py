"""The open resources, by their parts."""

import asyncio
from pathlib import Path

from pydantic import SecretStr

from graphql_api.composition.resources import open_resources
from graphql_api.composition.settings import Settings
from graphql_api.engine.driving import work_once
from graphql_api.store.database import guard_of
from graphql_api.store.guard import Lane


async def test_no_flood_of_reads_keeps_a_cancel_or_the_worker_waiting(
    mongodb_uri: str, tmp_path: Path
) -> None:
    """With every connection for reads in use, finetunings are read, claimed, counted and looked after."""
    settings = Settings(mongodb_uri=SecretStr(mongodb_uri), mongodb_database="reserve", data_dir=tmp_path)
    async with open_resources(settings, sandbox=True) as resources:
        guard, answers = guard_of(resources.database), asyncio.Event()
        reads = [
            asyncio.create_task(guard.run(answers.wait(), lane=Lane.ORDINARY))
            for _ in range(Lane.ORDINARY.places)
        ]
        await asyncio.sleep(0)
        async with asyncio.timeout(8):
            assert await work_once(resources.engine) is False
            assert await resources.engine.upkeep.count_overdue(older_than_s=0) == 0
            assert await resources.upkeep._work() is True
            assert await resources.log_sync._work() is True
        assert not any(read.done() for read in reads)
        answers.set()
        await asyncio.gather(*reads)
        await resources.database.client.drop_database("reserve")
