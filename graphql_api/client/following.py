"""Follows a finetuning to its end, over lost connections and restarts of the server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql_api.client.finetuning_fields import ENDED, SHOW
from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import NoAnswerError, ServerError

EVENTS = """subscription ($id: ID!, $after: String) {
  finetuningEvents(finetuningId: $id, after: $after) {
    cursor
    event { at kind status message level metrics { step totalSteps trainLoss validLoss fullValidLoss } }
  }
}"""

NOT_FOUND = "FINETUNING_NOT_FOUND"

PATIENCE_S = 600.0
"""How long a server may be away."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0

PASSING = frozenset(
    {"ISSUER_UNAVAILABLE", "OPERATION_TIMED_OUT", "RATE_LIMITED", "STORE_UNAVAILABLE", "SUBSCRIBER_TOO_SLOW"}
)
"""The codes of errors that pass by themselves."""


@dataclass(frozen=True, slots=True)
class State:
    """The finetuning as it is now; ``None`` if it is deleted."""

    finetuning: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Event:
    """One more entry of its history."""

    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is lost, and will be made again."""

    reason: str


Step = State | Event | Lost


@dataclass(slots=True, kw_only=True)
class Pauses:
    """The pauses between two tries, each twice as long as the one before."""

    pause: Callable[[float], None]
    waited_s: float = 0.0
    next_s: float = field(default=FIRST_PAUSE_S)

    def start_again(self) -> None:
        """Forget the pauses: the server has answered."""
        self.waited_s, self.next_s = 0.0, FIRST_PAUSE_S

    def take(self) -> bool:
        """Take the next pause; return whether there was one left."""
        if self.waited_s >= PATIENCE_S:
            return False
        self.pause(self.next_s)
        self.waited_s += self.next_s
        self.next_s = min(2 * self.next_s, LONGEST_PAUSE_S)
        return True


def followed(server: Server, finetuning_id: str, *, pause: Callable[[float], None]) -> Iterator[Step]:
    """Yield its state, its whole history, each further event, and its state after each change of status.

    The last step is the state at its end. Raises ``ServerError`` if the server refuses, does not answer at
    first, or stays away for ten minutes.
    """
    if server.ask(SHOW, id=finetuning_id) is None:
        raise ServerError(f"there is no finetuning {finetuning_id}", code=NOT_FOUND)
    place, pauses = _Place(), Pauses(pause=pause)
    while True:
        try:
            for step in _connected(server, finetuning_id, place):
                pauses.start_again()
                yield step
        except ServerError as problem:
            if not _passes(problem) or not pauses.take():
                raise
            yield Lost(str(problem))
        else:
            return


@dataclass(slots=True)
class _Place:
    """The cursor of the last event seen."""

    after: str | None = None


def _connected(server: Server, finetuning_id: str, place: _Place) -> Iterator[Step]:
    """Yield the steps of one connection, up to the end of the finetuning; raises ``ServerError``."""
    state = State(server.ask(SHOW, id=finetuning_id))
    yield state
    if state.finetuning is None or state.finetuning["status"] in ENDED:
        return
    for delivery in server.follow(EVENTS, id=finetuning_id, after=place.after):
        place.after, event = delivery["cursor"], delivery["event"]
        yield Event(event)
        if event["status"]:
            yield State(server.ask(SHOW, id=finetuning_id))
        if event["status"] in ENDED:
            return
    yield State(None)  # the stream of a deleted finetuning completes


def _passes(problem: ServerError) -> bool:
    """Whether another try may help; after a deletion it finds nothing, and says so."""
    return isinstance(problem, NoAnswerError) or problem.code in {NOT_FOUND, *PASSING}
