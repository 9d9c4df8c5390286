"""Documents at the limits that look at too little, or too late."""

from collections.abc import Callable

from hostile.client import Attacker
from hostile.input import Attack, Input, Kind

PAGE = "finetunings(first: 1) { nodes { id } }"
NEST = "finetunings(first: 1) { nodes { "


def _asking(query: str) -> Attack:
    async def attack(attacker: Attacker) -> str:
        return await attacker.ask(query)

    return attack


def nested(times: int) -> str:
    """Return so many connections one inside the other."""
    return NEST * times + "id" + " } }" * times


def aliased(times: int, field: Callable[[int], str]) -> str:
    """Return the field under so many names."""
    return " ".join(f"a{number}: {field(number)}" for number in range(times))


def _operations(count: int) -> str:
    return " ".join(f"query Q{number} {{ __typename }}" for number in range(count))


def _shared_fragment(operations: int, variables: int) -> str:
    used = " ".join(f"f{number}: finetuning(id: $v{number}) {{ id }}" for number in range(variables))
    one = " ".join(f"query Q{number} {{ ...F }}" for number in range(operations))
    return f"{one} fragment F on Query {{ {used} }}"


def _unused(selection: str) -> str:
    return f"{{ a: __typename }} fragment F on Query {{ {selection} }}"


def _circular(selection: str) -> str:
    return f"{{ ...F }} fragment F on Query {{ ...F {selection} }}"


def _by_fragments(count: int) -> str:
    spreads = " ".join(f"...F{number}" for number in range(count))
    return f"{{ {spreads} }} " + " ".join(f"fragment F{n} on Query {{ {PAGE} }}" for n in range(count))


_OF_TYPE = "ofType { " * 20 + "name" + " }" * 20

DOCUMENTS = [
    Input(name=name, attack=_asking(query))
    for name, query in {
        "unused fragment, 330 nested connections": _unused(nested(330)),
        "unused fragment, 330 connections, 45 deep": _unused(f"{nested(45)} " * 7),
        "unused fragment, 4,900 same fields": _unused("__typename " * 4_900),
        "circular fragment, 230 connections": _circular(nested(230)),
        "circular fragment, 4,800 same fields": _circular("__typename " * 4_800),
        "130 same connections": f"{{ {f'{PAGE} ' * 130} }}",
        "130 same connections, inline fragments": f"{{ {f'... {{ {PAGE} }} ' * 130} }}",
        "130 same connections, fragments": _by_fragments(130),
        "__schema under 20 aliases": "{ "
        + aliased(20, lambda _: "__schema { types { name fields { name args { name } } } }")
        + " }",
        "ofType 20 deep, 30 times": "{ "
        + aliased(30, lambda _: f'__type(name: "Query") {{ fields {{ type {{ {_OF_TYPE} }} }} }}')
        + " }",
        "__type under 100 aliases": "{ "
        + aliased(100, lambda _: '__type(name: "Finetuning") { fields { name description } }')
        + " }",
        "999 operations, none named": _operations(999),
        "250 operations share 200 variables": _shared_fragment(250, 200),
        "a 90,000-digit number": f"{{ finetunings(first: {'9' * 90_000}) {{ nodes {{ id }} }} }}",
        "ten 4,000-character names": "{ " + " ".join(letter * 4_000 for letter in "abcdefghij") + " }",
    }.items()
]

HELD = [
    Input(name=name, attack=_asking(query))
    for name, query in {
        "fragments worth 2^60 fields": "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
        + " fragment F60 on Query { __typename }",
        "selections 30,000 deep": "{ a " * 30_000,
        "lists 90,000 deep": f"{{ a(b: {'[' * 90_000}",
        "types 90,000 deep": f"query ($a: {'[' * 90_000}",
        "300,000 aliases": "{ " + "a:b " * 300_000 + "}",
        "a 5,000-digit integer": f"{{ finetunings(first: {'9' * 5_000}) {{ nodes {{ id }} }} }}",
    }.items()
]

BURST = Input(
    name="a good document, 100 at once",
    attack=lambda attacker: attacker.ask_at_once("{ finetunings(first: 5) { nodes { id } } }", 100),
    kind=Kind.FLOOD,
    times=2,
)
