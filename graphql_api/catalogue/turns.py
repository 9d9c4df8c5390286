"""Turns at something that serves one at a time: fair between accounts, whatever one of them sends."""

import asyncio

from graphql_api.account_semaphore import AccountSemaphore

MOST_WAITING = 100
"""The most requests in the queue; one more has no hope of a turn in time."""


class QueueFullError(Exception):
    """Too many wait already."""


class Turns:
    """One turn at a time. Of each account one request waits for it, and the account's others behind that one.

    So who comes next waits for one turn of each other account, not for all that one of them has asked for.
    """

    def __init__(self, *, most_waiting: int = MOST_WAITING) -> None:
        self._turn = asyncio.Lock()
        self._own_turn = AccountSemaphore(1)
        self._most_waiting = most_waiting
        self._users = 0

    @property
    def accounts(self) -> int:
        """The accounts that have a turn or wait for one."""
        return self._own_turn.accounts

    async def take(self, account: str, *, even_if_full: bool = False) -> None:
        """Wait for a turn, to be given back; raises ``QueueFullError``."""
        if self._users > self._most_waiting and not even_if_full:
            raise QueueFullError
        self._users += 1
        try:
            await self._own_turn.acquire(account)
            try:
                await self._turn.acquire()
            except asyncio.CancelledError:
                self._own_turn.release(account)
                raise
        except asyncio.CancelledError:
            self._users -= 1
            raise

    def give_back(self, account: str) -> None:
        """End the turn that this account has."""
        self._turn.release()
        self._own_turn.release(account)
        self._users -= 1
