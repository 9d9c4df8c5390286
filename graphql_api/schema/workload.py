"""What each connection has under way: the cost of its operations, and its fields that wait for their turn."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from graphql_api.document_errors import TooMuchAtOnceError

FIELDS_A_TURN = 100
"""The fields resolved in one turn, in about two milliseconds."""


class Turns:
    """Lets the event loop serve others between two turns of ``fields`` resolved fields.

    The connections in line go one after the other, each with a few fields: a small operation does not
    wait for the whole of a large one. Belongs to one event loop.
    """

    def __init__(self, fields: int = FIELDS_A_TURN) -> None:
        self._fields = self._left = fields
        self._ends = False
        self._line: deque[Workload] = deque()

    @property
    def have_room(self) -> bool:
        """Whether this turn has fields left."""
        return self._left > 0

    def spend(self, fields: int) -> None:
        """Count fields of this turn."""
        self._left -= fields
        if not self._ends:
            self._ends = True
            asyncio.get_running_loop().call_soon(self._begin)

    def join(self, workload: "Workload") -> None:
        """Put the connection at the end of the line."""
        self._line.append(workload)

    def _begin(self) -> None:
        self._left, self._ends = self._fields, False
        while self._line and self.have_room:
            workload = self._line.popleft()
            self.spend(workload.go())
            if workload.is_waiting:
                self._line.append(workload)


@dataclass(slots=True)
class Workload:
    """What one connection has under way."""

    turns: Turns
    cost: int = 0
    _waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)

    def begin(self, cost: int, *, most: int) -> None:
        """Count the cost of one more operation; raises ``TooMuchAtOnceError``."""
        if self.cost + cost > most:
            raise TooMuchAtOnceError(found=self.cost + cost, most=most)
        self.cost += cost

    def end(self, cost: int) -> None:
        """Give the cost of an operation back."""
        self.cost -= cost

    @property
    def is_waiting(self) -> bool:
        """Whether some of its fields wait."""
        return bool(self._waiting)

    def has_turn(self, fields: int) -> bool:
        """Return whether these fields may go now, and count them."""
        if not self.turns.have_room:
            return False
        self.turns.spend(fields)
        return True

    async def turn(self, fields: int) -> None:
        """Wait until these fields may go."""
        if self.has_turn(fields):
            return
        if not self.is_waiting:
            self.turns.join(self)
        ahead = asyncio.get_running_loop().create_future()
        self._waiting.append((fields, ahead))
        await ahead

    def go(self) -> int:
        """Let the longest waiting fields go; return how many, or 0 if nobody wants them any more."""
        fields, ahead = self._waiting.popleft()
        if ahead.done():
            return 0
        ahead.set_result(None)
        return fields
