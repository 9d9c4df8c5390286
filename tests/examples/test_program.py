"""The example for TypeScript, run by the commands of its README."""

import pytest

from tests.examples.program import EXAMPLE
from tests.examples.workshop import running
from tests.processes.client import CREATE, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def run(*command: str, server: Client) -> tuple[int | None, str]:
    """Run the program and return its exit code with its output."""
    address = {"GRAPHQL_URL": f"{server.url}/graphql"}
    async with running("npm", "start", "--silent", "--", *command, example=EXAMPLE, **address) as program:
        stdout, _ = await program.communicate()
    return program.returncode, stdout.decode()


async def test_it_lists_and_cancels(built: None, server: Client) -> None:
    """The cancel's verdict is said in words; asking again is safe."""
    given = {"dbConnectionId": await server.connection(), "alias": "an example"}
    made = await server.ask(CREATE, input=given)
    code, listed = await run("list", server=server)
    assert (code, "an example" in listed, made["id"] in listed) == (0, True, True)
    verdict = f"{made['id']}  CANCELLED  an example  CONFIRMED: cancelled; the training has stopped\n"
    assert await run("cancel", made["id"], server=server) == (0, verdict)
    assert await run("cancel", made["id"], server=server) == (0, verdict)


async def test_an_id_of_nothing_is_the_servers_refusal(built: None, server: Client) -> None:
    """In its words."""
    code, said = await run("cancel", "65f0c0ffee65f0c0ffee65f0", server=server)
    assert (code, "65f0c0ffee65f0c0ffee65f0" in said) == (1, True)


async def test_a_command_it_does_not_know_is_answered_with_those_it_does(built: None, server: Client) -> None:
    """Nothing is sent."""
    assert await run("remove", server=server) == (1, "usage: npm start -- list | cancel ID\n")
