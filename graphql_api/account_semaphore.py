"""A semaphore for each account, as long as somebody uses it."""

import asyncio
from collections import Counter


class AccountSemaphore:
    """At most ``at_once`` of each account go on; the one that waits longest is next."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._semaphores: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()

    @property
    def accounts(self) -> int:
        """The accounts in use."""
        return len(self._semaphores)

    async def acquire(self, account: str) -> None:
        """Wait until this one may go on; ``release`` has to follow."""
        semaphore = self._semaphores.setdefault(account, asyncio.Semaphore(self._at_once))
        self._users[account] += 1
        try:
            await semaphore.acquire()
        except asyncio.CancelledError:
            self._leave(account)
            raise

    def release(self, account: str) -> None:
        """Let the next one of the account go on."""
        self._semaphores[account].release()
        self._leave(account)

    def _leave(self, account: str) -> None:
        self._users[account] -= 1
        if not self._users[account]:
            del self._users[account], self._semaphores[account]
