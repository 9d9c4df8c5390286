"""What each caller may take: objects in a minute, and a reserve for cancels alone."""

from dataclasses import dataclass

from graphql_api.access.errors import RateLimitedError
from graphql_api.address import is_loopback
from graphql_api.caller import Caller
from graphql_api.rate_limits import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The budgets of all callers; without ``objects`` there is no limit.

    A cancel may take from ``cancels`` after the caller's ``objects`` are used up: a flood of reads must not
    keep anybody from stopping a job.
    """

    objects: Budget | None = None
    cancels: Budget | None = None

    def limit(self, caller: Caller) -> Budget | None:
        """Return the caller's budget; anonymous callers on this machine have no limit."""
        is_owner = caller.credential_id is None and is_loopback(caller.address or "localhost")
        return None if is_owner else self.objects

    async def take(self, caller: Caller, objects: int, *, cancels_alone: bool = False) -> None:
        """Take as many objects; raises ``RateLimitedError``, and takes nothing then."""
        budget = self.limit(caller)
        if budget is None:
            return
        wait_s = await budget.take(caller.account, objects)
        if wait_s is None:
            return
        if cancels_alone and self.cancels and await self.cancels.take(caller.account, objects) is None:
            return
        raise RateLimitedError(
            f"The budget of {budget.limit} is used up: this takes {objects}", retry_after_s=wait_s
        )


UNLIMITED = Budgets()
"""The budgets of a server without limits."""
