"""The time that a client has for its head or its body."""

import asyncio
from collections.abc import Callable

from graphql_api.http.wire.connections import Stage
from graphql_api.http.wire.server_config import Wire


class Deadline:
    """The deadline of what one connection waits for; calls ``give_up`` when it is over."""

    def __init__(self, *, wire: Wire, loop: asyncio.AbstractEventLoop, give_up: Callable[[], None]) -> None:
        self._seconds = {Stage.HEAD: wire.head_s, Stage.BODY: wire.body_s}
        self._loop = loop
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None
        self.stage = Stage.NOTHING

    def is_for(self, stage: Stage) -> bool:
        """Return whether the time for this stage runs."""
        return stage is self.stage and self._timer is not None

    def begin(self, stage: Stage) -> None:
        """Note the stage, and begin its time if it has one."""
        self.stop()
        self.stage = stage
        if (seconds := self._seconds.get(stage)) is not None:
            self._timer = self._loop.call_later(seconds, self._give_up)

    def stop(self) -> None:
        """Stop the time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
