"""Begins requests in turns of the event loop, with a few of each caller at once."""

from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.http.authentication import account_of
from graphql_api.http.places import Places
from graphql_api.turns import REQUEST_STEPS, LoopTurns


class InTurn:
    """Begins a few requests in one turn: many at once of one caller do not hold others up."""

    def __init__(self, app: ASGIApp, *, turns: LoopTurns, places: Places | None = None) -> None:
        self._app = app
        self._turns = turns
        self._places = places or Places()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; the messages of a WebSocket have turns of their own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        account = account_of(scope)
        place = await self._places.take(account)
        try:
            await self._turns.turn(account, REQUEST_STEPS)
            await self._app(scope, receive, send)
        finally:
            place.give_back()
