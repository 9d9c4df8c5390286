"""Turns: one at a time, and fair between accounts."""

import asyncio

import pytest

from graphql_api.catalogue.turns import QueueFullError, Turns


async def settled() -> None:
    """Let all others run as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Line:
    """Requests at the turns, and who has had one."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []

    def ask(self, account: str) -> asyncio.Task[None]:
        """Ask for a turn, and keep it."""
        return asyncio.create_task(self._ask(account))

    async def _ask(self, account: str) -> None:
        await self.turns.take(account)
        self.served.append(account)

    async def serve(self, account: str) -> None:
        """End the account's turn, so that the next one has its own."""
        self.turns.give_back(account)
        await settled()


async def test_of_each_account_one_is_served_before_another_ones_second() -> None:
    """Whatever one of them has asked for before."""
    line = Line(Turns())
    asked = [line.ask(one) for one in ["eve"] * 4 + ["ada", "bob"]]
    await settled()
    assert line.served == ["eve"]
    for _ in range(5):
        await line.serve(line.served[-1])
    assert line.served == ["eve", "ada", "bob", "eve", "eve", "eve"]
    await line.serve("eve")
    await asyncio.gather(*asked)
    assert line.turns.accounts == 0


async def test_whoever_leaves_the_queue_holds_nobody_up() -> None:
    """Neither its own account nor another one, and it fills no place in the queue."""
    line = Line(Turns(most_waiting=3))
    first, second, third, other = (line.ask(one) for one in ("eve", "eve", "eve", "ada"))
    await settled()
    second.cancel()
    other.cancel()
    await settled()
    await line.serve("eve")
    assert line.served == ["eve", "eve"]
    await line.serve("eve")
    await asyncio.gather(first, third)
    assert line.turns.accounts == 0
    await line.turns.take("ada")
    late = [line.ask(one) for one in ("bob", "eve", "ada")]
    for account in ("ada", "bob", "eve", "ada"):
        await line.serve(account)
    await asyncio.gather(*late)


async def test_the_queue_is_bounded() -> None:
    """One more is refused at once, and so nothing is kept of it."""
    line = Line(Turns(most_waiting=2))
    asked = [line.ask("eve") for _ in range(3)]
    await settled()
    with pytest.raises(QueueFullError):
        await line.turns.take("ada")
    end = asyncio.create_task(line.turns.take("the end", even_if_full=True))
    await line.serve("eve")
    await end
    await line.serve("the end")
    late = line.ask("ada")
    await settled()
    for account in ("eve", "ada", "eve"):
        await line.serve(account)
    await asyncio.gather(*asked, late)
    assert sorted(line.served) == ["ada", "eve", "eve", "eve"]
