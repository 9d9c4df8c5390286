"""Much data and many ends wait for their turns, and nothing else does."""

import asyncio

from websockets.frames import Opcode

from graphql_api.http.wire.measure import SMALL_BYTES
from graphql_api.http.wire.websocket_protocol import BYTES_IN_TURN
from graphql_api.turns import LoopTurns
from tests.http.wire.raw import LAST, POST, connection, rest, said, serving
from tests.http.wire.test_websocket_protocol import WAIT, frame, socket_of

BULK = b"x" * 10 * SMALL_BYTES
HEAD = b"POST /whole HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
WHOLE = HEAD % len(BULK) + BULK
HALF = POST + b"content-length: 20\r\n\r\n" + b"x"


class HeldTurns(LoopTurns):
    """Turns that begin when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[asyncio.Future[None]] = []
        self.waits = asyncio.Event()
        self.is_open = False
        self.calls = 0

    def ahead(self, account: str, steps: int) -> asyncio.Future[None]:
        """Hold what waits for a turn of an address."""
        self.calls += 1
        if self.is_open:
            return super().ahead(account, steps)
        assert account == "wire 127.0.0.1"
        self.waits.set()
        self.held.append(asyncio.get_running_loop().create_future())
        return self.held[-1]

    def open(self) -> None:
        """Begin them all."""
        self.is_open = True
        for one in self.held:
            one.set_result(None)


async def answered(address: tuple[str, int]) -> None:
    """Wait for the answer to a small request, but not for the end of its connection."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(LAST)
    await reader.readuntil(b"/last")
    writer.close()


async def test_a_large_body_is_parsed_in_turns() -> None:
    """Small requests pass it, and it is answered when its turns have come."""
    turns = HeldTurns()
    async with serving(turns=turns) as app, connection(app) as (reader, writer):
        writer.write(WHOLE)
        await turns.waits.wait()
        await asyncio.wait_for(answered(app.address), 10)
        assert app.paths == ["/last"]
        turns.open()
        assert (await rest(reader)).endswith(b"/whole")


async def test_a_large_message_is_parsed_in_turns() -> None:
    """The messages of other sockets pass it."""
    turns = HeldTurns()
    async with serving(turns=turns) as app, socket_of(app) as (_, large), socket_of(app) as (_, small):
        large.write(frame(Opcode.TEXT, b"x" * 2 * SMALL_BYTES))
        await turns.waits.wait()
        small.write(frame(Opcode.TEXT, b"wait"))
        await asyncio.wait_for(app.asked.wait(), 10)
        assert app.messages == ["wait"]
        turns.open()
        async with asyncio.timeout(10):
            while len(app.messages) < 2:  # noqa: ASYNC110  the application has no event for it
                await asyncio.sleep(0.01)
        assert len(app.messages[1]) == 2 * SMALL_BYTES


async def test_a_larger_message_takes_several_turns() -> None:
    """One for each 64 KB."""
    turns = HeldTurns()
    turns.open()
    async with serving(turns=turns) as app, socket_of(app) as (_, writer):
        writer.write(frame(Opcode.TEXT, BULK * 4) + WAIT)
        await asyncio.wait_for(app.asked.wait(), 10)
        assert turns.calls >= len(BULK * 4) // BYTES_IN_TURN


async def test_many_requests_whose_clients_leave_end_in_turns() -> None:
    """Each of their ends is work, and hundreds may come at once."""
    turns = HeldTurns()
    async with serving(turns=turns) as app:
        async with connection(app) as (_, writer):
            writer.write(HALF)
            await asyncio.wait_for(app.begun.wait(), 10)
        await turns.waits.wait()
        await asyncio.sleep(0)
        assert app.gone == 0
        turns.open()
        async with asyncio.timeout(10):
            while not app.gone:  # noqa: ASYNC110  the application has no event for it
                await asyncio.sleep(0.01)


async def test_common_requests_wait_for_no_turn_of_the_wire() -> None:
    """Their bytes are few."""
    turns = HeldTurns()
    async with serving(turns=turns) as app:
        assert (await said(app, LAST)).endswith(b"/last")
        turns.open()
