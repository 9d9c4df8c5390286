"""Places for a few requests of each account at once."""

import asyncio

from graphql_api.account_semaphore import AccountSemaphore

AT_ONCE = 8
"""The requests of one account in work at once: enough to keep a processor busy."""
LONGEST_S = 0.03
"""How long a request keeps its place. A longer one waits for MongoDB or the provider."""


class Places:
    """At most ``at_once`` places for each account; the one that waits longest has the next place.

    A place is given back by its user, or before that after ``longest_s`` seconds.
    """

    def __init__(self, at_once: int = AT_ONCE, *, longest_s: float = LONGEST_S) -> None:
        self._taken = AccountSemaphore(at_once)
        self.longest_s = longest_s

    @property
    def accounts(self) -> int:
        """The accounts with requests."""
        return self._taken.accounts

    async def take(self, account: str) -> "Place":
        """Wait for a place, to be given back."""
        await self._taken.acquire(account)
        return Place(self, account)

    def free(self, account: str) -> None:
        """Free a place of the account."""
        self._taken.release(account)


class Place:
    """One place, given back once."""

    def __init__(self, places: Places, account: str) -> None:
        self._places = places
        self._account = account
        self._timer = asyncio.get_running_loop().call_later(places.longest_s, self.give_back)
        self._is_free = False

    def give_back(self) -> None:
        """Give the place back, unless its time is over."""
        if not self._is_free:
            self._is_free = True
            self._timer.cancel()
            self._places.free(self._account)
