"""Deadlines of a client's head and body."""

import asyncio

from graphql_api.http.wire.budget import Budget
from graphql_api.http.wire.connections import Connections, Stage
from graphql_api.http.wire.deadline import Deadline
from graphql_api.http.wire.server_config import Wire


class Watched:
    """A deadline that notes when its time is over."""

    def __init__(self, *, head_s: float, body_s: float) -> None:
        wire = Wire(head_s=head_s, body_s=body_s, unread_s=7, connections=Connections(1), unread=Budget(1))
        self.over = asyncio.Event()
        self.deadline = Deadline(wire=wire, loop=asyncio.get_running_loop(), give_up=self.over.set)


async def test_a_stage_has_its_time() -> None:
    """The body's time is over, and the head's no longer counts."""
    one = Watched(head_s=3_600, body_s=0.01)
    one.deadline.begin(Stage.HEAD)
    one.deadline.begin(Stage.BODY)
    assert one.deadline.is_for(Stage.BODY)
    await asyncio.wait_for(one.over.wait(), 10)


async def test_a_stage_that_is_over_has_no_time_left() -> None:
    """Neither the next stage nor a stop leaves its timer behind."""
    one = Watched(head_s=0.01, body_s=3_600)
    one.deadline.begin(Stage.HEAD)
    one.deadline.begin(Stage.BODY)
    await asyncio.sleep(0.05)
    assert not one.over.is_set()
    one.deadline.begin(Stage.HEAD)
    one.deadline.stop()
    await asyncio.sleep(0.05)
    assert not one.over.is_set()
    assert not one.deadline.is_for(Stage.HEAD)


async def test_an_answer_has_no_deadline() -> None:
    """The client waits for it, not the server for the client."""
    one = Watched(head_s=0.01, body_s=0.01)
    one.deadline.begin(Stage.ANSWER)
    assert one.deadline.stage is Stage.ANSWER
    await asyncio.sleep(0.05)
    assert not one.over.is_set()
