"""The errors of wrong inputs: they name what is wrong, and repeat no value of it.

Frontends send such messages to trackers of errors, and an input may have an API key.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.http.conftest import client_of
from tests.world import World

CANARY = "sk-canary-1"
WORD = "sk_canary_1"
"""The same as a name, for a key without its quotes."""
DOCUMENT = "mutation($input: CreateProviderAccountInput!) { createProviderAccount(input: $input) { id } }"
GOOD: Mapping[str, Any] = {"name": "a", "provider": "openai", "apiKey": CANARY}
OF_TYPE = "Expected value of type 'CreateProviderAccountInput'"
NO_STRING = "String cannot represent a non string value."

VARIABLES: Mapping[str, tuple[Any, str]] = {
    "a_missing_field": ({"apiKey": CANARY, "name": "a"}, f"{OF_TYPE} to include required field 'provider'."),
    "an_unknown_field": ({**GOOD, "colour": 1}, f"{OF_TYPE} not to include unknown field 'colour'."),
    "a_misspelt_field": (
        {**GOOD, "apiKeyy": CANARY},
        f"{OF_TYPE} not to include unknown field 'apiKeyy'. Did you mean 'apiKey'?",
    ),
    "a_null": ({**GOOD, "name": None}, "at .name: Expected value of non-null type 'String!' not to be None."),
    "a_map_for_a_string": ({**GOOD, "apiKey": {"key": CANARY}}, f"at .apiKey: {NO_STRING}"),
    "a_list_for_a_string": ({**GOOD, "apiKey": [CANARY]}, f"at .apiKey: {NO_STRING}"),
    "a_map_in_a_list": ({**GOOD, "allowedModels": [{"a": CANARY}]}, f"at .allowedModels[0]: {NO_STRING}"),
    "a_string_for_the_input": (CANARY, f"{OF_TYPE} to be an object."),
    "a_list_for_the_input": ([CANARY], f"{OF_TYPE} to be an object."),
    "a_string_of_a_header": ({**GOOD, "headers": CANARY}, "headers must be a map of strings to strings."),
    "a_list_in_a_header": (
        {**GOOD, "headers": {"x-a": [CANARY]}},
        "headers: the value of 'x-a' must be a string.",
    ),
    "a_string_of_metadata": ({**GOOD, "metadata": CANARY}, "metadata must be a map of strings to strings."),
    "a_list_in_metadata": (
        {**GOOD, "metadata": {"a": [CANARY]}},
        "metadata: the value of 'a' must be a string.",
    ),
    "a_header_that_is_no_name": (
        {**GOOD, "headers": {f"x-a: {CANARY}": "1"}},
        "headers must have names of HTTP headers.",
    ),
}
LITERALS: Mapping[str, tuple[str, str]] = {
    "a_missing_field": (f'{{ apiKey: "{CANARY}", name: "a" }}', VARIABLES["a_missing_field"][1]),
    "an_unknown_field": (
        f'{{ name: "a", provider: "b", apiKey: "{CANARY}", colour: 1 }}',
        VARIABLES["an_unknown_field"][1],
    ),
    "a_map_for_a_string": (f'{{ name: "a", provider: "b", apiKey: {{ a: "{CANARY}" }} }}', NO_STRING),
    "a_list_for_a_string": (f'{{ name: "a", provider: "b", apiKey: ["{CANARY}"] }}', NO_STRING),
    "a_word_for_a_string": (f'{{ name: "a", provider: "b", apiKey: {WORD} }}', NO_STRING),
    "a_string_for_the_input": (f'"{CANARY}"', f"{OF_TYPE} to be an object."),
    "no_colon": (f'{{ apiKey "{CANARY}" }}', "Expected ':', found String."),
    "no_colon_before_a_block": (f'{{ apiKey """{CANARY}""" }}', "Expected ':', found BlockString."),
    "no_colon_before_a_word": (f"{{ apiKey {WORD} }}", "Expected ':', found Name."),
    "two_strings": (f'{{ apiKey: "a" "{CANARY}" }}', "Expected Name, found String."),
    "no_bracket": (f'{{ apiKey: "{CANARY}" ) "{CANARY}"', "Expected Name, found ')'."),
}
OTHERS: Mapping[str, tuple[str, str]] = {
    "an_unknown_value_of_an_enum": (
        f"{{ finetunings(filter: {{ status: {WORD} }}) {{ nodes {{ id }} }} }}",
        "The value does not exist in 'FinetuningStatus' enum.",
    ),
    "a_string_for_an_enum": (
        f'{{ finetunings(filter: {{ status: "{CANARY}" }}) {{ nodes {{ id }} }} }}',
        "Enum 'FinetuningStatus' cannot represent non-enum value.",
    ),
    "a_time": (
        f'{{ finetunings(filter: {{ createdFrom: "{CANARY}" }}) {{ nodes {{ id }} }} }}',
        "Value cannot represent a DateTime.",
    ),
    "a_number": (
        f'{{ finetunings(first: "{CANARY}") {{ nodes {{ id }} }} }}',
        "Int cannot represent non-integer value.",
    ),
    "a_default": (
        f'query($n: Int = "{CANARY}") {{ finetunings(first: $n) {{ nodes {{ id }} }} }}',
        "Int cannot represent non-integer value.",
    ),
}


async def _told(world: World, body: Mapping[str, object]) -> tuple[str, list[str]]:
    """Return the whole answer and the messages of its errors."""
    async with client_of(world) as http:
        answer = await http.post("/graphql", json=body)
    return answer.text, [error["message"] for error in answer.json()["errors"]]


def _hold(answer: str, messages: list[str], expected: str) -> None:
    assert any(message.endswith(expected) for message in messages), messages
    assert "canary" not in answer


@pytest.mark.parametrize("case", VARIABLES)
async def test_a_wrong_variable_is_not_repeated(world: World, case: str) -> None:
    """The message has its path, and what was expected there."""
    given, expected = VARIABLES[case]
    answer, messages = await _told(world, {"query": DOCUMENT, "variables": {"input": given}})
    _hold(answer, messages, expected)
    assert "INTERNAL" not in answer


@pytest.mark.parametrize("case", LITERALS)
async def test_a_wrong_literal_is_not_repeated(world: World, case: str) -> None:
    """The error has its line and column."""
    given, expected = LITERALS[case]
    query = f"mutation {{ createProviderAccount(input: {given}) {{ id }} }}"
    _hold(*await _told(world, {"query": query}), expected)


@pytest.mark.parametrize("case", OTHERS)
async def test_no_argument_is_repeated(world: World, case: str) -> None:
    """Of any type."""
    query, expected = OTHERS[case]
    _hold(*await _told(world, {"query": query}), expected)
