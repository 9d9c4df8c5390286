"""What is counted before anything is compared or coerced: each kind of hostile document, at its root."""

import time
from typing import Any

import pytest
from graphql import get_introspection_query

from graphql_api.schema.execution.counting import MOST_CONTAINERS
from tests.schema.conftest import Client, many

PAGE = "finetunings { nodes { id } }"
HEAVY = (
    "__schema { types { name fields { name args { name type { name } } type { name ofType { name } } } } }"
)
DOCUMENTS: dict[str, tuple[str, str]] = {
    "unused fields": (
        "{ __typename } fragment F on Finetuning { " + "id " * 4900 + "}",
        "fields in the text",
    ),
    "circle": ("{ ...F } fragment F on Query { ...F " + "__typename " * 4800 + "}", "fields in the text"),
    "side by side": ("{ " + f"{PAGE} " * 130 + "}", "comparisons of same fields"),
    "inline": ("{ " + f"... {{ {PAGE} }} " * 130 + "}", "inline fragments"),
    "fragments": (
        "{ __typename } " + " ".join(f"fragment F{n} on Query {{ {PAGE} }}" for n in range(120)),
        "fragments",
    ),
    "spreads": ("{ " + "...F " * 101 + "} fragment F on Query { __typename }", "spreads"),
    "operations": (" ".join(f"query Q{n} {{ __typename }}" for n in range(999)), "operations"),
    "schema": ("{ " + many(20, HEAVY) + " }", "cost"),
    "type": ("{ " + many(90, '__type(name: "Query") { fields { args { type { name } } } }') + " }", "fields"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_is_refused_at_little_cost(client: Client, name: str) -> None:
    """The error names the limit; half a second of the process is far above what it takes, ten times over."""
    document, limit = DOCUMENTS[name]
    began = time.process_time()
    refusal = await client.refusal(document)
    assert time.process_time() - began < 2
    assert (refusal["code"], refusal["limit"]) == ("QUERY_TOO_COMPLEX", limit)


async def test_introspection_by_tools_is_answered(client: Client) -> None:
    """All of it, once."""
    data = await client.data(get_introspection_query(input_value_deprecation=True))
    assert len(data["__schema"]["types"]) > 50


VARIABLES: dict[str, tuple[Any, str]] = {
    "objects": ([{} for _ in range(MOST_CONTAINERS)], "lists and objects in variables"),
    "keys": ({str(n): n for n in range(1_001)}, "keys of one object in variables"),
    "values": ([{str(n): n for n in range(1_000)}] * 40, "values in variables"),
    "texts": (["a"] * 30_001, "values in variables"),
    "depth": (None, "lists and objects in variables"),
}


@pytest.mark.parametrize("name", VARIABLES)
async def test_variables_are_counted_before_they_are_coerced(client: Client, name: str) -> None:
    """Declared or not."""
    given, limit = VARIABLES[name]
    if name == "depth":
        for _ in range(MOST_CONTAINERS + 1):
            given = [given]
    refusal = await client.refusal("query ($input: ID!) { finetuning(id: $input) { id } }", input=given)
    assert (refusal["code"], refusal["limit"]) == ("QUERY_TOO_COMPLEX", limit)


async def test_undeclared_variables_are_dropped(client: Client) -> None:
    """From the request's own map, before they are counted; the operation runs as without them."""
    variables = {"n": 1, "much": ["x" * 1_000] * 40_000, "of_other": "y"}
    document = "query A($n: Int) { finetunings(first: $n) { nodes { id } } } query B($of_other: Int) { b }"
    document = document.replace("{ b }", "{ finetunings(first: $of_other) { nodes { id } } }")
    result = await client.schema.execute(
        document, variable_values=variables, operation_name="A", context_value=client.context()
    )
    assert (result.data, result.errors) == ({"finetunings": {"nodes": []}}, None)
    assert variables == {"n": 1}


FOLLOW = "subscription($id: ID!) { finetuningUpdated(finetuningId: $id) { id } }"


@pytest.mark.parametrize(
    ("given", "limit"),
    [("x" * 10_001, "characters in variables"), ([0] * 1_001, "values in variables")],
    ids=["characters", "values"],
)
async def test_a_subscription_keeps_few_variables(client: Client, given: object, limit: str) -> None:
    """They stay in memory as long as it does; a query may have more."""
    ((data, (refusal,)),) = [one async for one in client.follow(FOLLOW, id=given)]
    assert (data, refusal["code"], refusal["limit"]) == (None, "QUERY_TOO_COMPLEX", limit)
    query = "query ($id: ID!) { finetuning(id: $id) { id } }"
    assert (await client.refusal(query, id=given))["code"] == "BAD_USER_INPUT"


NAME, WORDS, NUMBER = "n" * 4_000, "x y " * 5_000, "9" * 90_000
SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "name": (f"{{ {NAME} }}", {}),
    "operation": (f"query A {{ {NAME} }} query {NAME} {{ __typename }}", {}),
    "number": (f"{{ finetunings(first: {NUMBER}) {{ nodes {{ id }} }} }}", {}),
    "words": (f'{{ finetunings(first: "{WORDS}") {{ nodes {{ id }} }} }}', {}),
    "list": ("{ finetunings(first: [" + "1 " * 4_000 + "]) { nodes { id } } }", {}),
    "variable": ("query($n: Int) { finetunings(first: $n) { nodes { id } } }", {"n": WORDS}),
    "object": ("query($n: Int) { finetunings(first: $n) { nodes { id } } }", {"n": {WORDS: [WORDS]}}),
    "choice": (
        "query($s: [FinetuningStatus!]) { finetunings(filter: {status: $s}) { nodes { id } } }",
        {"s": [WORDS]},
    ),
    "metadata": (
        f'mutation($m: StringMap) {{ cancelFinetuning(finetuningId: "{"6" * 24}", metadata: $m) {{ id }} }}',
        {"m": {WORDS: "a"}},
    ),
}


@pytest.mark.parametrize("name", SENT)
async def test_an_error_does_not_repeat_what_was_sent(client: Client, name: str) -> None:
    """At most a hundred characters of it."""
    document, variables = SENT[name]
    data, errors = await client.ask(document, **variables)
    assert not data or set(data.values()) == {None}
    for error in errors:
        assert len(str(error)) < 700
        for sent in ("n" * 101, "9" * 101, WORDS[:101], WORDS[1:102], "1, " * 101):
            assert sent not in error["message"]
