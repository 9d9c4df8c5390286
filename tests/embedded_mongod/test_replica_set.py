"""A mongod's steps to primary, on a real one.

Its replica set has one member.
"""

from pathlib import Path

from graphql_api.embedded_mongod.replica_set import NAME, direct_client, step_towards_primary
from tests.store.test_suitability import mongod_started


async def test_a_refused_command_is_no_error(tmp_path: Path) -> None:
    """A mongod without our socket takes no configuration with it: the step is to be made again."""
    async with (
        mongod_started(tmp_path, "--replSet", NAME) as port,
        direct_client(f"127.0.0.1:{port}") as client,
    ):
        assert await step_towards_primary(client) is False
        assert await client["local"]["system.replset"].find_one() is None
