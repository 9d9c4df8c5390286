"""Execution in turns: the answer is the same, and others go first now and then."""

import asyncio
from dataclasses import replace
from typing import Any

from graphql import get_introspection_query

from graphql_api.schema.context import Context
from graphql_api.schema.execution.turns import ROOT_STEPS
from graphql_api.turns import LoopTurns
from tests.schema.conftest import Client, many, minutes, store_finetunings

PAGE = "{ finetunings(first: 100) { nodes { id alias dbConnection { id } more: dbConnection { alias } } } }"


class Counted(LoopTurns):
    """Turns that note what was spent at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: list[int] = []

    def spend(self, steps: int) -> None:
        """Note the number of steps."""
        self.spent.append(steps)
        super().spend(steps)


def with_turns(client: Client, turns: LoopTurns) -> Context:
    """Return a request's context with these turns."""
    context = client.context()
    context.services = replace(context.services, turns=turns)
    return context


async def answered(client: Client, query: str, *, steps: int) -> tuple[Any, int]:
    """Return the answer's data with turns of so many steps, and how many rounds the event loop made."""
    context, rounds = with_turns(client, LoopTurns(steps)), 0
    asking = asyncio.create_task(client.schema.execute(query, context_value=context))
    while not asking.done():
        await asyncio.sleep(0)
        rounds += 1
    answer = await asking
    assert answer.errors is None
    return answer.data, rounds


async def test_a_large_answer_lets_others_go_first(client: Client) -> None:
    """Introspection waits for nothing else: a few rounds in one turn, and dozens in small turns."""
    query = get_introspection_query()
    whole, few = await answered(client, query, steps=1_000_000)
    in_turns, many = await answered(client, query, steps=20)
    assert in_turns == whole
    assert few < 10
    assert many > 30


async def test_long_lists_wait_for_their_turn(client: Client) -> None:
    """Each of them counts with its length, before its entries do."""
    await store_finetunings(minutes(100))
    turns = Counted()
    context = with_turns(client, turns)
    query = f"{{ {many(9, 'finetunings(first: 100) { nodes { id } }')} }}"
    answer = await client.schema.execute(query, context_value=context)
    assert answer.errors is None
    assert turns.spent.count(100) == 9


async def test_a_page_is_the_same_in_turns(client: Client) -> None:
    """In order, with what was loaded for each of its entries."""
    connection = await client.world.connection()
    ids = await store_finetunings(minutes(30), db_connection_id=connection.id)
    whole, _ = await answered(client, PAGE, steps=1_000_000)
    in_turns, _ = await answered(client, PAGE, steps=10)
    assert in_turns == whole
    assert [node["id"] for node in in_turns["finetunings"]["nodes"]] == ids[::-1]


async def test_a_long_list_in_an_object_waits_for_its_own_turn(client: Client) -> None:
    """The object has waited for its turn; the list's entries are too many to go with it."""
    answer, rounds = await answered(client, "{ __schema { types { name } } }", steps=1)
    assert rounds > len(answer["__schema"]["types"]) > 60


async def test_an_operation_takes_steps_for_itself(client: Client) -> None:
    """Its fields alone would let hundreds of small ones begin in one turn."""
    turns = Counted()
    await client.schema.execute("{ __typename viewer { tenant } }", context_value=with_turns(client, turns))
    assert turns.spent == [ROOT_STEPS + 2, 1]
