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
    "keys": ({str(n): n for n in range(60_000)}, "values in variables"),
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


@pytest.mark.parametrize(
    "document",
    ["{ " + "n" * 4000 + " }", "{ finetunings(first: " + "9" * 90_000 + ") { nodes { id } } }"],
    ids=["name", "number"],
)
async def test_an_error_does_not_repeat_a_long_word(client: Client, document: str) -> None:
    """At most a hundred characters of it."""
    refusal = await client.refusal(document)
    assert len(refusal["message"]) < 400
    assert "n" * 101 not in refusal["message"]
    assert "9" * 101 not in refusal["message"]
