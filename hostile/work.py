"""Fields that cost more than they look."""

import asyncio
from contextlib import suppress

from hostile.client import CLOSED, Attacker
from hostile.documents import aliased
from hostile.input import Attack, Input, Kind
from hostile.sockets import connected, subscribe
from hostile.variables import ADD

CURSORS = "goldenRecords(first: 100) { pageInfo { endCursor } }"
DRY_RUN = "cancelFinetunings(filter: {status: [RUNNING]}, dryRun: true) { count }"
CREATE = "mutation ($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id } }"
SEARCHES = aliased(
    100, lambda number: f'goldenRecords(first: 1, filter: {{text: "no {number}"}}) {{ nodes {{ id }} }}'
)
DEAREST = (
    "{ "
    + aliased(9, lambda _: "finetunings(first: 100) { nodes { id alias status createdAt version } }")
    + " }"
)
BOMB = "SELECT " + "DECIMAL(" * 400 + "1" + ")" * 400


def _asking(query: str) -> Attack:
    async def attack(attacker: Attacker) -> str:
        return await attacker.ask(query)

    return attack


async def _creating(attacker: Attacker) -> str:
    fields = aliased(100, lambda _: "createFinetuning(input: $input) { id }")
    query = f"mutation ($input: CreateFinetuningInput!) {{ {fields} }}"
    return await attacker.ask(query, {"input": {"dbConnectionId": attacker.library}})


async def _many_on_one_socket(attacker: Attacker) -> str:
    async with connected(attacker) as socket:
        await socket.send(*[subscribe(number, DEAREST) for number in range(10)])
        return await socket.until_closed(ended=10)


async def _many_events(attacker: Attacker) -> str:
    """Follow every finetuning a hundredfold, and change one."""
    events = aliased(64, lambda _: "events(first: 100) { nodes { kind } }")
    query = f"subscription {{ finetuningUpdated {{ {events} }} }}"
    with suppress(EOFError):
        async with connected(attacker) as socket:
            await socket.send(*[subscribe(number, query) for number in range(100)])
            reading = asyncio.create_task(socket.until_closed(ended=100))
            await asyncio.sleep(0.3)
            told = await attacker.ask(CREATE, {"input": {"dbConnectionId": attacker.library}})
            ended, _ = await asyncio.wait((reading,), timeout=3)
            reading.cancel()
            return reading.result() if ended else f"create {told}"
    return CLOSED


async def _bombs(attacker: Attacker) -> str:
    given = [{"promptText": f"q{number}", "sql": f"{BOMB} /* {number} */"} for number in range(3)]
    variables = {"input": {"dbConnectionId": attacker.library, "goldenRecords": given}}
    answers = await asyncio.gather(*[attacker.ask(ADD, variables) for _ in range(10)])
    return ", ".join(sorted(set(answers)))


WORK = [
    Input(
        name=f"whole pages for a cursor, {times} aliases",
        attack=_asking("{ " + aliased(times, lambda _: CURSORS) + " }"),
        kind=Kind.SERVED,
    )
    for times in (20, 50)
] + [
    Input(name="100 text searches", attack=_asking(f"{{ {SEARCHES} }}"), kind=Kind.SERVED),
    Input(
        name="100 text searches, six at once",
        attack=lambda attacker: attacker.ask_at_once(f"{{ {SEARCHES} }}", 6),
        kind=Kind.FLOOD,
        times=1,
    ),
    Input(name="ten of the dearest on one socket", attack=_many_on_one_socket, kind=Kind.FLOOD, times=1),
    Input(
        name="100 dry runs over 1,000 live",
        attack=_asking("mutation { " + aliased(100, lambda _: DRY_RUN) + " }"),
        kind=Kind.SERVED,
        times=2,
    ),
    Input(name="100 paid jobs in one request", attack=_creating, kind=Kind.SERVED, times=1),
    Input(name="100 x 64 events on one socket", attack=_many_events, kind=Kind.FLOOD, times=1),
    Input(name="ten times three SQL bombs", attack=_bombs, kind=Kind.FLOOD, times=1),
]
