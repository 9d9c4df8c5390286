"""Requests begin in turns, and callers go round."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from graphql_api.caller import Caller
from graphql_api.http.in_turn import InTurn
from graphql_api.http.places import Places
from graphql_api.turns import REQUEST_STEPS, LoopTurns


async def never() -> Any:
    """Stand for a channel that nobody uses."""
    raise AssertionError


async def ignored(_: Any) -> None:
    """Stand for a channel that nobody reads."""


def request(*, kind: str = "http", credential: str | None = None, address: str = "192.0.2.1") -> Scope:
    """Return a request; without a credential its caller is unknown."""
    state = {} if credential is None else {"caller": Caller(credential_id=credential)}
    return {"type": kind, "state": state, "client": (address, 1)}


class Application:
    """Notes the requests that have begun."""

    def __init__(self) -> None:
        self.begun: list[Scope] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.places = Places(at_once=2, longest_s=3_600)
        self.in_turn = InTurn(self._begin, turns=LoopTurns(steps=REQUEST_STEPS), places=self.places)

    async def _begin(self, scope: Scope, _: Receive, __: Send) -> None:
        self.begun.append(scope)
        await self.goes_on.wait()

    def send(self, scope: Scope) -> asyncio.Task[None]:
        """Send one request."""
        return asyncio.create_task(self.in_turn(scope, never, ignored))


@pytest.mark.parametrize(
    ("many", "other"),
    [
        (request(credential="one"), request(credential="another")),
        (request(address="192.0.2.1"), request(address="198.51.100.7")),
        (request(address="192.0.2.1"), request(credential="one", address="192.0.2.1")),
    ],
    ids=["credentials", "addresses", "an unknown caller and a known one of its address"],
)
async def test_many_requests_of_one_caller_do_not_hold_others_up(many: Scope, other: Scope) -> None:
    """The other's request begins after a few of fifty; all of them begin in the end."""
    application = Application()
    flood = [application.send(many) for _ in range(50)]
    await asyncio.sleep(0)
    await application.send(other)
    assert application.begun.count(other) == 1
    assert application.begun.count(many) < 5
    await asyncio.gather(*flood)
    assert application.begun.count(many) == 50


async def test_a_few_requests_of_one_caller_are_in_work_at_once() -> None:
    """The next one begins when one has ended; another caller's begins at once."""
    application = Application()
    application.goes_on.clear()
    many = [application.send(request(credential="one")) for _ in range(5)]
    other = application.send(request(credential="another"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert application.begun.count(request(credential="one")) == 2
    assert application.begun.count(request(credential="another")) == 1
    application.goes_on.set()
    await asyncio.gather(*many, other)
    assert application.places.accounts == 0


async def test_a_socket_has_turns_for_its_messages_alone() -> None:
    """Its handshake waits for no turn."""
    application = Application()
    for _ in range(3):
        application.send(request(credential="one"))
    await asyncio.sleep(0)
    await application.send(request(kind="websocket"))
    assert application.begun.count(request(kind="websocket")) == 1
    assert len(application.begun) < 4
