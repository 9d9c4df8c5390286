"""Refused credentials in the audit log: the first one at once, then one entry a minute with their number.

So a flood of them does not fill the database.
"""

import asyncio
from collections.abc import Callable

from graphql_api.address import network_of
from graphql_api.audit.attempts import StoredEntry
from graphql_api.documents import AuditOutcome, ObjectId

TOLD_S = 60.0
"""The time between two entries of the same address and reason."""
MOST_TOLD = 100
"""The most addresses and reasons told apart; the others share one entry a reason, without an address."""
ACTION = "authentication"

Refused = tuple[str | None, str, str | None]
"""The address of a client, or its network of IPv6, and the code and the reason of its refusal."""


def _in_the_loop(seconds: float, act: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, act)


class RefusedCredentials:
    """Counts refusals, and hands on their entries."""

    def __init__(
        self,
        hand_on: Callable[[StoredEntry], object],
        *,
        later: Callable[[float, Callable[[], None]], object] = _in_the_loop,
    ) -> None:
        self._hand_on = hand_on
        self._later = later
        self._untold: dict[Refused, int] = {}

    def note(self, code: str, *, reason: str | None, address: str | None, request_id: str | None) -> None:
        """Take one refusal; ``reason`` is a sentence of this server without any of the credential."""
        refused: Refused = (network_of(address) or None, code, reason)
        if refused not in self._untold and len(self._untold) >= MOST_TOLD:
            refused = (None, code, reason)
        if refused in self._untold:
            self._untold[refused] += 1
        else:
            self._tell(refused, count=1, request_id=request_id)

    def close(self) -> None:
        """Hand on what is not told yet."""
        untold, self._untold = self._untold, {}
        for refused, count in untold.items():
            if count:
                self._hand_on(_entry(refused, count=count))

    def _tell(self, refused: Refused, *, count: int, request_id: str | None = None) -> None:
        self._hand_on(_entry(refused, count=count, request_id=request_id))
        self._untold[refused] = 0
        self._later(TOLD_S, lambda: self._end_of_a_minute(refused))

    def _end_of_a_minute(self, refused: Refused) -> None:
        if count := self._untold.pop(refused, 0):
            self._tell(refused, count=count)


def _entry(refused: Refused, *, count: int, request_id: str | None = None) -> StoredEntry:
    address, code, reason = refused
    return {
        "_id": ObjectId(),
        "tenant": None,
        "address": address,
        "request_id": request_id,
        "action": ACTION,
        "outcome": AuditOutcome.REFUSED.value,
        "code": code,
        "reason": reason,
        "attempts": count,
    }
