"""A finetuning is followed to its end."""

from collections.abc import Iterator
from typing import Any

import pytest

from graphql_api.client.following import PATIENCE_S, Event, Lost, Pauses, State, followed
from graphql_api.transfer.client import Server
from graphql_api.transfer.errors import NoAnswerError, ServerError

Script = list[Any]


class Scripted(Server):
    """A server whose answers are written down: each stream's deliveries or errors, and the states."""

    def __init__(self, *, states: Script, streams: list[Script]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.states, self.streams = states, streams
        self.cursors = list[object]()

    def ask(self, query: str, **variables: object) -> Any:
        """Answer the next state; the last one stays."""
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state

    def follow(self, query: str, **variables: object) -> Iterator[Any]:
        """Yield the next stream's deliveries."""
        self.cursors.append(variables["after"])
        for one in self.streams.pop(0):
            if isinstance(one, Exception):
                raise one
            yield one


def state(status: str) -> dict[str, str]:
    """Return a finetuning with this status."""
    return {"status": status}


def delivery(cursor: str, status: str | None = None) -> dict[str, Any]:
    """Return an event with its cursor."""
    return {"cursor": cursor, "event": {"status": status}}


def steps_of(server: Server) -> list[str]:
    """Return the steps in short, without any wait."""
    told = []
    for step in followed(server, "f", pause=lambda _: None):
        match step:
            case State(finetuning):
                told.append(finetuning["status"] if finetuning else "deleted")
            case Event(event):
                told.append(f"event {event['status']}")
            case Lost(reason):
                told.append(f"lost: {reason}")
    return told


def test_it_ends_with_the_event_of_the_end() -> None:
    """The state after it is asked for; an earlier change of status in the history ends nothing."""
    stream = [delivery("1", "RUNNING"), delivery("2"), delivery("3", "SUCCEEDED"), delivery("4")]
    server = Scripted(states=[*[state("RUNNING")] * 3, state("SUCCEEDED")], streams=[stream])
    assert steps_of(server) == [
        "RUNNING",
        "event RUNNING",
        "RUNNING",
        "event None",
        "event SUCCEEDED",
        "SUCCEEDED",
    ]


def test_an_ended_one_is_not_followed() -> None:
    """Its state is all."""
    server = Scripted(states=[state("FAILED")], streams=[])
    assert steps_of(server) == ["FAILED"]


def test_after_a_break_it_goes_on_behind_the_last_event() -> None:
    """Nothing is missed or shown twice; errors that pass are waited for, too."""
    lost, busy = NoAnswerError("gone"), ServerError("busy", code="STORE_UNAVAILABLE")
    streams: list[Script] = [[delivery("1"), lost], [busy], [delivery("2", "CANCELLED")]]
    states = [*[state("RUNNING")] * 2, lost, *[state("RUNNING")] * 2, state("CANCELLED")]
    server = Scripted(states=states, streams=streams)
    assert steps_of(server) == [
        "RUNNING",
        "event None",
        "lost: gone",
        "lost: gone",
        "RUNNING",
        "lost: busy",
        "RUNNING",
        "event CANCELLED",
        "CANCELLED",
    ]
    assert server.cursors == [None, "1", "1"]


def test_the_end_during_a_break_is_seen() -> None:
    """Even if its event came before the break, and its state did not."""
    stream = [delivery("1", "SUCCEEDED")]
    states = [state("RUNNING"), state("RUNNING"), NoAnswerError("gone"), state("SUCCEEDED")]
    assert steps_of(Scripted(states=states, streams=[stream])) == [
        "RUNNING",
        "event SUCCEEDED",
        "lost: gone",
        "SUCCEEDED",
    ]


def test_a_deletion_is_an_end() -> None:
    """Seen in the stream, or after a break."""
    server = Scripted(states=[state("RUNNING")], streams=[[delivery("1")]])
    assert steps_of(server) == ["RUNNING", "event None", "deleted"]
    gone = ServerError("none", code="FINETUNING_NOT_FOUND")
    server = Scripted(states=[state("RUNNING"), state("RUNNING"), None], streams=[[gone]])
    assert steps_of(server) == ["RUNNING", "lost: none", "deleted"]


@pytest.mark.parametrize("first", [NoAnswerError("nobody"), None])
def test_what_is_not_there_at_first_is_an_error(first: Exception | None) -> None:
    """Neither a server nor a finetuning is waited for."""
    with pytest.raises(ServerError) as refused:
        steps_of(Scripted(states=[first], streams=[]))
    assert (refused.value.code == "FINETUNING_NOT_FOUND") is (first is None)


def test_a_refusal_is_not_repeated() -> None:
    """A revoked key stays revoked."""
    refused = ServerError("ended", code="UNAUTHENTICATED")
    server = Scripted(states=[state("RUNNING")], streams=[[delivery("1"), refused]])
    with pytest.raises(ServerError, match="ended"):
        steps_of(server)
    assert len(server.cursors) == 1


def test_patience_ends() -> None:
    """After ten minutes of pauses, which grow; an answer makes them short again."""
    taken = list[float]()
    pauses = Pauses(pause=taken.append)
    while pauses.take():
        pass
    assert taken[:6] == [0.5, 1, 2, 4, 8, 10]
    assert PATIENCE_S <= sum(taken) < PATIENCE_S + 10
    pauses.start_again()
    assert pauses.take()
    assert taken[-1] == 0.5
