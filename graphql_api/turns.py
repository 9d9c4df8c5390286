"""Turns of the event loop: a little work of each account, one after the other."""

import asyncio
from collections import deque

STEPS_A_TURN = 100
"""The steps of one turn, about two milliseconds: resolving a field is one step."""
REQUEST_STEPS = 40
"""The beginning of a request, whatever it asks for."""


class LoopTurns:
    """Lets the event loop serve others between two turns of ``steps`` steps.

    Work that waits stands in line by account, and the accounts go round: a small request does not wait for
    all that another account has asked for. Belongs to one event loop.
    """

    def __init__(self, steps: int = STEPS_A_TURN) -> None:
        self._steps = self._left = steps
        self._ends = False
        self._line: dict[str, deque[tuple[int, asyncio.Future[None]]]] = {}

    def has_turn(self, steps: int) -> bool:
        """Return whether these steps may go now, and count them."""
        if self._left <= 0:
            return False
        self.spend(steps)
        return True

    def spend(self, steps: int) -> None:
        """Count steps of this turn."""
        self._left -= steps
        if not self._ends:
            self._ends = True
            asyncio.get_running_loop().call_soon(self._begin)

    async def turn(self, account: str, steps: int) -> None:
        """Wait until these steps may go."""
        if not self.has_turn(steps):
            await self.ahead(account, steps)

    def ahead(self, account: str, steps: int) -> asyncio.Future[None]:
        """Return what is done in a later turn, as soon as these steps may go."""
        self.spend(0)
        ahead = asyncio.get_running_loop().create_future()
        self._line.setdefault(account, deque()).append((steps, ahead))
        return ahead

    def _begin(self) -> None:
        """Let the longest waiting work of each account go, until the turn has no steps left."""
        self._left, self._ends = self._steps, False
        while self._line and self._left > 0:
            account = next(iter(self._line))
            waiting = self._line.pop(account)
            steps, ahead = waiting.popleft()
            if waiting:
                self._line[account] = waiting  # behind all others
            if not ahead.done():
                ahead.set_result(None)
                self.spend(steps)
