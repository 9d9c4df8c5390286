"""Execution in turns: the answer is the same, and others go first now and then."""

import asyncio
from typing import Any

from graphql import get_introspection_query

from graphql_api.schema.workload import Turns, Workload
from tests.schema.conftest import Client, many, minutes, store_finetunings

PAGE = "{ finetunings(first: 100) { nodes { id alias dbConnection { id } more: dbConnection { alias } } } }"


class Counted(Turns):
    """Turns that note what was spent at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: list[int] = []

    def spend(self, fields: int) -> None:
        """Note the number of fields."""
        self.spent.append(fields)
        super().spend(fields)


async def answered(client: Client, query: str, *, fields: int) -> tuple[Any, int]:
    """Return the answer's data with turns of so many fields, and how many rounds the event loop made."""
    context, rounds = client.context(), 0
    context.workload = Workload(Turns(fields))
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
    whole, few = await answered(client, query, fields=1_000_000)
    in_turns, many = await answered(client, query, fields=20)
    assert in_turns == whole
    assert few < 10
    assert many > 30


async def test_long_lists_wait_for_their_turn(client: Client) -> None:
    """Each of them counts with its length, before its entries do."""
    await store_finetunings(minutes(100))
    context, turns = client.context(), Counted()
    context.workload = Workload(turns)
    query = f"{{ {many(9, 'finetunings(first: 100) { nodes { id } }')} }}"
    answer = await client.schema.execute(query, context_value=context)
    assert answer.errors is None
    assert turns.spent.count(100) == 9


async def test_a_page_is_the_same_in_turns(client: Client) -> None:
    """In order, with what was loaded for each of its entries."""
    connection = await client.world.connection()
    ids = await store_finetunings(minutes(30), db_connection_id=connection.id)
    whole, _ = await answered(client, PAGE, fields=1_000_000)
    in_turns, _ = await answered(client, PAGE, fields=10)
    assert in_turns == whole
    assert [node["id"] for node in in_turns["finetunings"]["nodes"]] == ids[::-1]
