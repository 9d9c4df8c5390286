"""The address of the settings."""

import socket

from chaos.ports import free_port
from graphql_api.composition.check_address import RUNNING, address_finding
from graphql_api.composition.finding import Finding
from graphql_api.composition.server import serving
from graphql_api.composition.settings import Settings
from tests.http.conftest import SETTINGS, resources_of
from tests.world import World


async def test_a_free_address_is_free_afterwards() -> None:
    """It is listened on for a moment only."""
    port = free_port()
    for _ in range(2):
        assert await address_finding(Settings(port=port)) == Finding(f"127.0.0.1 port {port}")
    assert await address_finding(Settings(port=0)) == Finding("127.0.0.1, any free port")


async def test_an_address_of_another_program_is_a_problem() -> None:
    """Named by its settings; one that nobody can have, too."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = await address_finding(Settings(port=port))
    assert found.problem == f"HOST, PORT: cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert not found.is_usable
    found = await address_finding(Settings(host="192.0.2.1", port=1))
    assert str(found).startswith("HOST, PORT: cannot listen on 192.0.2.1 port 1: ")


async def test_an_address_of_a_running_server_is_a_remark(world: World) -> None:
    """Its port for operators, too; with the other one taken by somebody else it is a problem."""
    settings = SETTINGS.model_copy(update={"port": free_port(), "operations_port": free_port()})
    async with serving(settings, resources_of(world)):
        found = await address_finding(settings)
        with socket.create_server(("127.0.0.1", 0)) as other:
            mixed = settings.model_copy(update={"operations_port": other.getsockname()[1]})
            worst = await address_finding(mixed)
    looked_at = f"127.0.0.1 port {settings.port}, 127.0.0.1 port {settings.operations_port}"
    assert (found, found.is_usable) == (Finding(looked_at, RUNNING), True)
    assert str(worst).startswith("OPERATIONS_HOST, OPERATIONS_PORT: cannot listen on ")
