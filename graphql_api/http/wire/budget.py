"""A bound on the bytes in memory that clients sent and the server has not dealt with yet."""

from collections import Counter

FREE_BYTES = 16_384
"""The part of each body or message outside the budget: a common request always gets in."""


class Budget:
    """At most ``most`` bytes at once, over all shares; one client's own take half of them at most.

    A single share may be larger, or else a small budget would never take the largest body.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.used = 0
        self._of: Counter[str] = Counter()

    @property
    def clients(self) -> int:
        """The clients with bytes in it."""
        return len(self._of)

    def share(self, *, client: str = "") -> "Share":
        """Return an empty share, for one body or one connection; a client without a name has no half."""
        return Share(self, client)

    def change(self, client: str, *, before: int, after: int) -> bool:
        """Change one share of the client; returns false, and changes nothing, if it does not fit."""
        others = self._of[client] - before
        is_too_much = client and others and others + after > self._most // 2
        if after > before and (is_too_much or self.used - before + after > self._most):
            return False
        self.used += after - before
        self._of[client] = others + after
        if not self._of[client]:
            del self._of[client]
        return True


class Share:
    """The bytes of one body or one connection."""

    def __init__(self, budget: Budget, client: str) -> None:
        self._budget = budget
        self._client = client
        self._counted = 0

    def fits(self, size_bytes: int) -> bool:
        """Take the share's new size, or return false if the budget has no room for it."""
        counted = max(0, size_bytes - FREE_BYTES)
        if counted == self._counted:
            return True
        if not self._budget.change(self._client, before=self._counted, after=counted):
            return False
        self._counted = counted
        return True

    def release(self) -> None:
        """Give everything back."""
        self.fits(0)
