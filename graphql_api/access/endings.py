"""The end of a credential, for connections that outlive a request."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from graphql_api.caller import Caller

Watch = Callable[[Caller], AbstractContextManager[asyncio.Event]]
"""Makes a context with an event that is set when the caller's credential ends."""


class Endings:
    """The open connections of each credential."""

    def __init__(self) -> None:
        self._watched: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watch(self, caller: Caller) -> Iterator[asyncio.Event]:
        """Yield an event that is set when the caller's credential is revoked or expires."""
        ended = asyncio.Event()
        if caller.credential_id is None:
            yield ended
            return
        expiry = _at(caller.expires_at, ended.set) if caller.expires_at else None
        watching = self._watched[caller.credential_id]
        watching.add(ended)
        try:
            yield ended
        finally:
            if expiry is not None:
                expiry.cancel()
            watching.discard(ended)
            if not watching:
                self._watched.pop(caller.credential_id, None)

    @property
    def watched(self) -> frozenset[str]:
        """The credentials with open connections."""
        return frozenset(self._watched)

    def end(self, credential_id: str) -> None:
        """End the connections of this credential."""
        for ended in self._watched.get(credential_id, ()):
            ended.set()


def _at(moment: datetime, act: Callable[[], None]) -> asyncio.TimerHandle:
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return asyncio.get_running_loop().call_later(seconds, act)
