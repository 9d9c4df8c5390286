"""Messages and results of WebSockets wait for turns."""

from graphql_api.caller import ANONYMOUS
from graphql_api.http.graphql.transport_ws import RESULT_STEPS
from graphql_api.http.graphql.websocket import CHARACTERS_A_STEP
from graphql_api.turns import REQUEST_STEPS, LoopTurns
from tests.http.graphql.streams import served
from tests.http.graphql.websocket_client import HELLO, asked, connected_to, heard, say


class NotedTurns(LoopTurns):
    """Turns that note who waits for how many steps."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[tuple[str, int]] = []

    async def turn(self, account: str, steps: int) -> None:
        """Note the wait."""
        self.noted.append((account, steps))
        await super().turn(account, steps)


async def test_each_message_of_a_known_client_waits_for_a_turn() -> None:
    """Its steps grow with its size, and all sockets of a caller share its account."""
    turns = NotedTurns()
    async with (
        served(turns=turns) as server,
        connected_to(server.address) as socket,
        connected_to(server.address) as other,
    ):
        for one, size in ((socket, 0), (other, 3 * CHARACTERS_A_STEP)):
            await say(one, {"type": "ping", "payload": {"a": "x" * size}})
            assert await heard(one) == {"type": "pong"}
    account = ANONYMOUS.account
    assert turns.noted == [(account, REQUEST_STEPS), (account, REQUEST_STEPS + 3)]


async def test_each_result_waits_for_a_turn() -> None:
    """An event may come to a hundred operations at once."""
    turns = NotedTurns()
    async with served(turns=turns) as server, connected_to(server.address) as socket:
        assert await asked(socket, "{ hello }") == HELLO
    assert turns.noted[-1] == (ANONYMOUS.account, RESULT_STEPS)
