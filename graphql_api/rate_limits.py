"""Budgets: how much each account may take in a window of time, counted by the rules of the library limits."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from time import monotonic
from typing import NamedTuple

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

MOST_ACCOUNTS = 20_000
"""The most accounts counted at once: clients choose their addresses, so the one longest at rest goes."""


class Windows(NamedTuple):
    """What was taken in the window before this one and in this one, which ends in ``left_s`` seconds."""

    previous: int
    current: int
    left_s: float

    def taken(self, window_s: int) -> int:
        """Return what counts against the limit: of the earlier window, the share that still lies within."""
        return floor(self.previous * self.left_s / window_s + self.current)

    def room_in_s(self, room: int, window_s: int) -> float:
        """Return the seconds until at most ``room`` counts, if nothing more is taken."""
        if room < 0:
            return self.left_s + window_s
        if self.current <= room:
            return max(0.0, self.left_s - (room - self.current) * window_s / max(1, self.previous))
        return self.left_s + window_s - room * window_s / self.current


class Counts(MemoryStorage):
    """The counts of this process, as a storage of the library; its own keeps every key and owns the clock."""

    def __init__(self, *, now: Callable[[], float] = monotonic, most_accounts: int = MOST_ACCOUNTS) -> None:
        super().__init__()
        self._now = now
        self._most_accounts = most_accounts
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take the amount if there is room for it; a refusal takes nothing."""
        index, found = self._windows(key, expiry)
        if found.taken(expiry) + amount > limit:
            return False
        self._keep(key, index, found.previous, found.current + amount)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the counts of both windows, each with the seconds until it counts no longer."""
        _, found = self._windows(key, expiry)
        return found.previous, found.left_s, found.current, found.left_s + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget what was taken."""
        self._counts.pop(key, None)

    def add(self, key: str, expiry: int, amount: int) -> None:
        """Count the amount in this window, with or without room for it; a negative one is given back."""
        index, found = self._windows(key, expiry)
        self._keep(key, index, found.previous, max(0, found.current + amount))

    def _windows(self, key: str, expiry: int) -> tuple[int, Windows]:
        now = self._now()
        index = int(now // expiry)
        kept, previous, current = self._counts.get(key, (index, 0, 0))
        if key in self._counts:
            self._counts.move_to_end(key)  # one that is refused is at work, too
        if kept != index:
            previous, current = current if kept == index - 1 else 0, 0
        return index, Windows(previous, current, (index + 1) * expiry - now)

    def _keep(self, key: str, index: int, previous: int, current: int) -> None:
        self._counts[key] = (index, previous, current)
        if len(self._counts) > self._most_accounts:
            self._counts.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit for each account, such as ``60000/minute``."""

    limit: RateLimitItem
    limiter: SlidingWindowCounterRateLimiter

    @classmethod
    def of(cls, text: str, counts: Counts, *, kind: str) -> "Budget":
        """Return the budget of this limit; ``kind`` tells it from others in the same counts."""
        limit = parse(text)
        limit.namespace = kind
        return cls(limit, SlidingWindowCounterRateLimiter(counts))

    async def take(self, account: str, amount: int = 1) -> int | None:
        """Take the amount; else take nothing, and return the whole seconds until there is room for it."""
        if await self.limiter.hit(self.limit, account, cost=amount):
            return None
        window_s, key = self.limit.get_expiry(), self.limit.key_for(account)
        previous, left_s, current, _ = await self._counts.get_sliding_window(key, window_s)
        wait_s = Windows(previous, current, left_s).room_in_s(self.limit.amount - amount, window_s)
        return max(1, ceil(wait_s))

    async def is_used_up(self, account: str) -> bool:
        """Return whether there is room for nothing more."""
        return not await self.limiter.test(self.limit, account)

    def spend(self, account: str, amount: int) -> None:
        """Take the amount, in this process, with or without room for it: it was known too late."""
        self._counts.add(self.limit.key_for(account), self.limit.get_expiry(), amount)

    def give_back(self, account: str, amount: int = 1) -> None:
        """Take the amount out of what was taken in this window, in this process."""
        self._counts.add(self.limit.key_for(account), self.limit.get_expiry(), -amount)

    @property
    def _counts(self) -> Counts:
        counts = self.limiter.storage
        assert isinstance(counts, Counts)  # noqa: S101  made in ``of``
        return counts
