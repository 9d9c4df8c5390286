"""The check for left-over processes finds them."""

from tests.processes.command import Commands
from tests.processes.patience import until


async def test_processes_of_a_killed_server_are_found(commands: Commands) -> None:
    """A living server and its mongod are found; ``kill -9`` of the server ends both."""
    server = commands.start("serve", "--sandbox")
    await server.url()
    assert len(commands.left()) == 2
    assert server.pid in commands.left()
    await server.kill()
    await until(lambda: commands.left() == [])
