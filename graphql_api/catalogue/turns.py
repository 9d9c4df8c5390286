"""Turns at something that serves one at a time: fair between accounts, whatever one of them sends."""

import asyncio
from dataclasses import dataclass, field

MOST_WAITING = 100
"""The most requests in the queue; one more has no hope of a turn in time."""


class QueueFullError(Exception):
    """Too many wait already."""


@dataclass(slots=True)
class _Account:
    own_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Turns:
    """One turn at a time. Of each account one request waits for it, and the account's others behind that one.

    So who comes next waits for one turn of each other account, not for all that one of them has asked for.
    """

    def __init__(self, *, most_waiting: int = MOST_WAITING) -> None:
        self._turn = asyncio.Lock()
        self._accounts: dict[str, _Account] = {}
        self._most_waiting = most_waiting
        self._users = 0

    async def take(self, account: str, *, even_if_full: bool = False) -> None:
        """Wait for a turn, to be given back; raises ``QueueFullError``."""
        if self._users > self._most_waiting and not even_if_full:
            raise QueueFullError
        own = self._accounts.setdefault(account, _Account())
        own.users += 1
        self._users += 1
        is_taken = False
        try:
            await own.own_turn.acquire()
            try:
                await self._turn.acquire()
                is_taken = True
            finally:
                if not is_taken:
                    own.own_turn.release()
        finally:
            if not is_taken:
                self._leave(account)

    def give_back(self, account: str) -> None:
        """End the turn that this account has."""
        self._turn.release()
        self._accounts[account].own_turn.release()
        self._leave(account)

    def _leave(self, account: str) -> None:
        self._users -= 1
        own = self._accounts[account]
        own.users -= 1
        if own.users == 0:
            del self._accounts[account]
