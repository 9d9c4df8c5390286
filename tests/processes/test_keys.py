"""Keys beside a running server on its embedded MongoDB."""

import asyncio

from graphql_api.access.key_format import Key
from tests.processes.client import http_client
from tests.processes.command import Commands

VIEWER = {"query": "{ viewer { subject } }"}


async def test_keys_are_made_and_revoked_beside_a_running_server(commands: Commands) -> None:
    """The command finds its MongoDB by DATA_DIR; the server learns of the key and of its end."""
    server = commands.start("serve", "--sandbox", auth="keys")
    url = await server.url()
    made = await commands.run("keys", "create", "--name", "ci", "--scope", "finetunings:read")
    key = Key.parse(made.stdout.strip())
    async with http_client() as http:

        async def status() -> int:
            headers = {"authorization": f"Bearer {key.text}"}
            return (await http.post(f"{url}/graphql", json=VIEWER, headers=headers)).status_code

        assert await status() == 200
        revoked = await commands.run("keys", "revoke", key.id)
        assert revoked.stdout == f"{key.id} is revoked\n"
        async with asyncio.timeout(60):
            while await status() != 401:  # each is a request of its own, so this is no busy loop
                pass
    assert key.text not in server.stderr
    assert await server.stop() == 0
