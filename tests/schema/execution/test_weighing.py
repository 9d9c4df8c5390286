"""The weight of operations.

Every number is exact, and found in no time for any nesting of an attacker.
"""

import time
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, get_introspection_query, parse

from graphql_api.schema import schema_sdl
from graphql_api.schema.execution.limits import COUNTLESS, DEFAULT_LIMITS, Weight
from graphql_api.schema.execution.weighing import ASSUMED_LIST, LARGE_VALUE, FragmentCircleError, weigh
from tests.schema.conftest import many

SCHEMA = build_schema("""
    interface Named { name: String }
    type Query {
        things(first: Int, after: String): ThingConnection!
        fixed: ThingConnection
        tags: [Tag!]!
        named: Named
    }
    type Mutation { add: [Thing!]! }
    type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! pageInfo: PageInfo! }
    type ThingEdge { cursor: String! node: Thing! }
    type PageInfo { hasNextPage: Boolean! }
    type Thing implements Named { id: ID! name: String words: [String!]! parts(first: Int): ThingConnection! }
    type Tag implements Named { name: String }
""")
API = build_schema(schema_sdl())
DEFAULT, LARGEST = 20, 100
LIMIT_S = 2
"""Exponential work would take years; linear work takes milliseconds, more on a machine that is busy."""


def weight_of(query: str, *, schema: GraphQLSchema = SCHEMA, **variables: Any) -> Weight:
    """Return the weight of the one operation."""
    weight, *_ = weigh(parse(query), schema=schema, variables=variables)
    return weight


WEIGHTS: dict[str, tuple[str, Weight]] = {
    "leaf": ("{ __typename }", Weight(depth=1, fields=1, cost=1)),
    "alias": ("{ a: __typename b: __typename }", Weight(depth=1, fields=2, aliases=2, cost=2)),
    "scalars": ("{ named { name } }", Weight(depth=2, fields=2, cost=2)),
    "list": ("{ tags { name } }", Weight(depth=2, fields=2, cost=1 + ASSUMED_LIST)),
    "mutation": (
        "mutation { add { id name } }",
        Weight(depth=2, fields=3, cost=1 + 2 * ASSUMED_LIST, mutations=1),
    ),
    "nodes": ("{ things(first: 7) { nodes { id words } } }", Weight(depth=3, fields=4, cost=2 + 7 * 2)),
    "default": ("{ things { nodes { id } } }", Weight(depth=3, fields=3, cost=2 + DEFAULT)),
    "no_argument": ("{ fixed { nodes { id } } }", Weight(depth=3, fields=3, cost=2 + LARGEST)),
    "edges": ("{ things(first: 7) { edges { node { id } } } }", Weight(depth=4, fields=4, cost=2 + 7 * 2)),
    "page": (
        "{ things(first: 7) { pageInfo { hasNextPage } nodes { id } } }",
        Weight(depth=3, fields=5, cost=4 + 7),
    ),
    "pages_of_pages": (
        "{ things(first: 7) { nodes { parts(first: 5) { nodes { id } } } } }",
        Weight(depth=5, fields=5, cost=2 + 7 * (2 + 5)),
    ),
    "spread": (
        """{ things(first: 7) { ...Page } } fragment Page on ThingConnection { nodes { ...T } }
        fragment T on Thing { id name }""",
        Weight(depth=3, fields=4, cost=2 + 7 * 2),
    ),
    "two_pages": (
        """{ a: things(first: 7) { ...Page } b: things(first: 3) { ...Page } }
        fragment Page on ThingConnection { nodes { id } }""",
        Weight(depth=3, fields=6, aliases=2, cost=4 + 7 + 3),
    ),
    "twice_beside": ("{ ...F ...F } fragment F on Query { __typename }", Weight(depth=1, fields=1, cost=1)),
    "inline": ("{ named { ... on Thing { id } ... { name } } }", Weight(depth=2, fields=3, cost=3)),
    "unknown": ("{ nope(first: 3) { nope { nope } } ...Nope }", Weight(depth=3, fields=3, cost=3)),
    "directives": (
        "query($a: Int @a @b @c) @a { named @skip(if: true) @a { name } ... @a @b { __typename } }",
        Weight(depth=2, fields=3, directives=3, cost=3),
    ),
    "directives_of_fragments": (
        "{ ...F @a } fragment F on Query @a @b @c @d { __typename }",
        Weight(depth=1, fields=1, directives=4, cost=1),
    ),
    "negative": ("{ things(first: -5) { nodes { id } } }", Weight(depth=3, fields=3, cost=2)),
    "too_many": ("{ things(first: 101) { nodes { id } } }", Weight(depth=3, fields=3, cost=2 + LARGEST)),
    "countless": (
        "{ things(first: %s) { nodes { id } } }" % ("9" * 5000),
        Weight(depth=3, fields=3, cost=2 + LARGEST),
    ),
    "no_number": ('{ things(first: "7") { nodes { id } } }', Weight(depth=3, fields=3, cost=2 + LARGEST)),
}


@pytest.mark.parametrize(("query", "weight"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_a_selection_weighs_what_it_resolves(query: str, weight: Weight) -> None:
    """A page counts as often as it has entries; everything around the entries counts once."""
    assert weight_of(query) == weight


@pytest.mark.parametrize(
    ("first", "entries"),
    [(7, 7), (0, 0), (-1, 0), (101, 100), (10**30, 100), (None, 100), ("7", 100), (1.5, 100), ([], 100)],
    ids=str,
)
def test_a_variable_counts_with_its_value(first: object, entries: int) -> None:
    """Anything but a page size counts as the largest."""
    query = "query($n: Int) { things(first: $n) { nodes { id } } }"
    assert weight_of(query, n=first).cost == 2 + entries
    assert weight_of(query).cost == 2 + LARGEST


BULK_CANCEL = """mutation($ids: [ID!], $one: ID!) { cancelFinetunings(%s) { count results {
    finetuningId outcome finetuning { id status cancellation { phase } } } } }"""
BULK_ADD = (
    "mutation($input: I!, $all: [R!]!, $one: R!) { addGoldenRecords(input: %s) { id sql warnings { code } } }"
)
BULKS: dict[str, tuple[str, int]] = {
    "ids": (BULK_CANCEL % "finetuningIds: $ids", 2 + 1 + 3 * 7),
    "listed": (BULK_CANCEL % "finetuningIds: [$one, $one]", 2 + 1 + 2 * 7),
    "filter": (BULK_CANCEL % "filter: {}", 2 + 1 + 1000 * 7),
    "null": (BULK_CANCEL % "finetuningIds: null", 2 + 1 + 1000 * 7),
    "unknown": (BULK_CANCEL % "finetuningIds: $nope", 2 + 1 + 1000 * 7),
    "too_many": (BULK_CANCEL % "finetuningIds: $many", 2 + 1 + 1000 * 7),
    "input": (BULK_ADD % "$input", 1 + 2 * (1 + 5 + 1 + 4)),
    "records": (BULK_ADD % "{goldenRecords: $all}", 1 + 3 * (1 + 5 + 1 + 4)),
    "record": (BULK_ADD % "{goldenRecords: [$one]}", 1 + 1 * (1 + 5 + 1 + 4)),
    "none": (BULK_ADD % "{}", 1 + 1000 * (1 + 5 + 1 + 4)),
    "no_input": (BULK_ADD % "7", 1 + 1000 * (1 + 5 + 1 + 4)),
}


@pytest.mark.parametrize(("query", "cost"), BULKS.values(), ids=BULKS.keys())
def test_a_bulk_mutation_weighs_what_it_is_given(query: str, cost: int) -> None:
    """An entry of the answer for each of the list; for a list of unknown length, the most there can be."""
    variables = {"ids": [1, 2, 3], "many": [1] * 1001, "input": {"goldenRecords": [{}, {}]}, "all": [{}] * 3}
    weight = weight_of(query, schema=API, **variables)
    assert weight.cost == cost
    weight.check(DEFAULT_LIMITS)


def test_much_of_many_is_too_heavy() -> None:
    """Fields of every event of a thousand finetunings; all the SQL there is, sixty times."""
    events = "finetuning { events(first: 100) { nodes { id message } } }"
    query = "mutation { cancelFinetunings(filter: {}, dryRun: true) { results { %s } } }"
    assert weight_of(query % events, schema=API).cost == 2 + 1000 * (1 + 2 + 100 * 2)
    pages = many(60, "goldenRecords(first: 100) { nodes { sql promptText } }")
    assert weight_of(f"{{ {pages} }}", schema=API).cost == 60 * (2 + 100 * (10 + 2 * LARGE_VALUE))
    large = "{ finetuning { goldenRecords dataset { goldenRecords } dbConnection { tableSchemas } } }"
    assert weight_of(large, schema=API).cost == 3 + 5 + 3 * LARGE_VALUE


def test_each_operation_is_weighed() -> None:
    """Any of them may be asked for."""
    weights = weigh(parse("query A { __typename } query B { named { name } }"), schema=SCHEMA)
    assert [weight.depth for weight in weights] == [1, 2]


@pytest.mark.parametrize(
    "circle",
    [
        "fragment A on Query { ...A }",
        "fragment A on Query { ...B } fragment B on Query { ...A }",
        "fragment A on Query { named { ...A } }",
    ],
)
def test_fragments_in_a_circle_are_refused_before_validation(circle: str) -> None:
    """It would compare all their fields first."""
    with pytest.raises(FragmentCircleError):
        weigh(parse("{ ...A } " + circle), schema=SCHEMA)


def test_a_fragment_counts_even_if_nothing_spreads_it() -> None:
    """Validation reads it all the same."""
    operation, unused = weigh(parse("{ __typename } fragment A on Query { named { name } }"), schema=SCHEMA)
    assert (operation.fields, unused.fields) == (1, 2)


def fragments(count: int, body: str) -> str:
    """Return a query of fragments, each with two of the next one."""
    links = (body.replace("NEXT", f"...f{n + 1}") for n in range(count))
    chain = " ".join(f"fragment f{n} on Query {{ {link} }}" for n, link in enumerate(links))
    return f"{{ ...f0 }} {chain} fragment f{count} on Query {{ __typename }}"


DEEP_PAGE, END = "parts(first: 100) { nodes { ", "} }"
ATTACKS: dict[str, str] = {
    "doubling": fragments(150, "a: named { ... on Query { NEXT } } b: named { ... on Query { NEXT } }"),
    "beside": fragments(490, "NEXT NEXT"),
    "aliases": f"""{{ {many(25, "named { ...G }")} }}
        fragment G on Query {{ {many(25, "named { ...F }")} }}
        fragment F on Query {{ {many(1400, "name")} }}""",
    "deep": "{ named { name " * 90 + "}" * 180,
    "pages": f"{{ things(first: 100) {{ nodes {{ {DEEP_PAGE * 40} id {END * 40} }} }} }}",
}


@pytest.mark.parametrize("query", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_weighed_in_no_time(query: str) -> None:
    """Its size decides on our cost, not its result."""
    document = parse(query, max_tokens=DEFAULT_LIMITS.tokens)
    began = time.perf_counter()
    weight, *_ = weigh(document, schema=SCHEMA)
    assert time.perf_counter() - began < LIMIT_S
    assert max(weight.cost, weight.fields, weight.aliases) <= COUNTLESS


def test_the_attacks_are_too_heavy() -> None:
    """875,650 aliases out of 5,000 tokens, and the exponential ones beyond all numbers."""
    weights = {name: weight_of(query) for name, query in ATTACKS.items()}
    assert weights["aliases"].aliases == 25 * (1 + 25 * (1 + 1400))
    assert weights["doubling"].fields == COUNTLESS
    assert weights["pages"].cost == COUNTLESS
    assert weights["beside"] == Weight(depth=1, fields=1, cost=1)


@pytest.mark.parametrize("full", [True, False])
def test_introspection_is_within_the_limits(full: bool) -> None:
    """As GraphiQL and the code generators ask for it."""
    query = get_introspection_query(
        descriptions=full,
        specified_by_url=full,
        directive_is_repeatable=full,
        schema_description=full,
        input_value_deprecation=full,
        one_of=full,
    )
    weight = weight_of(query)
    weight.check(DEFAULT_LIMITS)
    assert weight.depth == 15
    assert weight.fields == (230 if full else 213)
