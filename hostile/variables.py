"""Variables that are coerced, described or stored before anybody counts them."""

from collections.abc import Mapping
from typing import Any

from hostile.client import Attacker
from hostile.documents import aliased
from hostile.input import Attack, Input, Kind

ADD = "mutation ($input: AddGoldenRecordsInput!) { addGoldenRecords(input: $input) { id } }"
CANCEL = "mutation ($ids: [ID!]) { cancelFinetunings(finetuningIds: $ids) { count } }"


def _asking(query: str, variables: Mapping[str, object]) -> Attack:
    async def attack(attacker: Attacker) -> str:
        return await attacker.ask(query, variables)

    return attack


def records(attacker: Attacker, count: int) -> dict[str, Any]:
    """Return the input of so many short records."""
    given = [{"promptText": f"q{number}", "sql": "SELECT 1"} for number in range(count)]
    return {"dbConnectionId": attacker.library, "goldenRecords": given}


async def _too_many_records(attacker: Attacker) -> str:
    return await attacker.ask(ADD, {"input": records(attacker, 27_000)})


def _adding(aliases: int, count: int) -> Attack:
    """Return the attack: the same records are added under so many names."""
    fields = aliased(aliases, lambda _: "addGoldenRecords(input: $input) { id }")

    async def attack(attacker: Attacker) -> str:
        query = f"mutation ($input: AddGoldenRecordsInput!) {{ {fields} }}"
        return await attacker.ask(query, {"input": records(attacker, count)})

    return attack


VARIABLES = [
    Input(name="18,000 objects in one list", attack=_asking(CANCEL, {"ids": [{}] * 18_000})),
    Input(
        name="60,000 unknown keys in one object",
        attack=_asking(ADD, {"input": {f"k{number}": 1 for number in range(60_000)}}),
    ),
    Input(
        name="60,000 keys in undeclared variables",
        attack=_asking("{ __typename }", {"a": {f"k{number}": 1 for number in range(60_000)}}),
    ),
    Input(name="27,000 records, 1,000 allowed", attack=_too_many_records),
    Input(name="19 aliases over 27,000 records", attack=_adding(19, 27_000)),
    Input(name="19 aliases over 1,000 records", attack=_adding(19, 1_000), kind=Kind.SERVED, times=1),
]
