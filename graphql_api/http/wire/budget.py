"""A bound on the bytes in memory that clients sent and the server has not dealt with yet."""

FREE_BYTES = 16_384
"""The part of each body or message outside the budget: a common request always gets in."""


class Budget:
    """At most ``most`` bytes at once, over all shares."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.used = 0

    def share(self) -> "Share":
        """Return an empty share, for one body or one connection."""
        return Share(self)

    def change(self, by: int) -> bool:
        """Use more or fewer bytes; returns false, and changes nothing, if they do not fit."""
        if by > 0 and self.used + by > self._most:
            return False
        self.used += by
        return True


class Share:
    """The bytes of one body or one connection."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._counted = 0

    def fits(self, size_bytes: int) -> bool:
        """Take the share's new size, or return false if the budget has no room for it."""
        counted = max(0, size_bytes - FREE_BYTES)
        if counted == self._counted:
            return True
        if not self._budget.change(counted - self._counted):
            return False
        self._counted = counted
        return True

    def release(self) -> None:
        """Give everything back."""
        self.fits(0)
