"""Operations without a run, and the reason for each.

The reason has the words of the refusing stage.
"""

from typing import Any

import httpx2
import pytest

UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"
LIST = "query List($first: Int) { finetunings(first: $first) { nodes { id } } }"
LOOK = "query Look($id: ID!) { finetuning(id: $id) { id } }"
CREATE = "mutation Create($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id } }"
LITERAL = "{ finetunings(first: %s) { nodes { id } } }"
MANY = "9" * 5000


PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
WITH_EPOCHS = (
    f'mutation {{ createFinetuning(input: {{dbConnectionId: "{UNKNOWN_ID}", '
    "baseLlm: {modelParameters: {nEpochs: %s}}}) { id } }"
)
BAD_OPERATIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "half": ("{", {}, PARSE),
    "no_graphql": ("SELECT 1", {}, PARSE),
    "too_deep": ("{a" * 3000, {}, PARSE),
    "too_long": ("{" + "__typename " * 5000 + "}", {}, PARSE),
    "unknown_field": ("{ nope }", {}, VALIDATION),
    "unknown_type": ("query($x: Nope) { finetuning(id: $x) { id } }", {}, VALIDATION),
    "no_argument": ("mutation { cancelFinetuning { id } }", {}, VALIDATION),
    "literal_of_another_type": (LITERAL % '"1"', {}, VALIDATION),
    "literal_of_5000_digits": (LITERAL % MANY, {}, VALIDATION),
    "literal_bool_for_number": (WITH_EPOCHS % "true", {}, VALIDATION),
    "chain_of_fragments": (
        "{ ...a0 } " + " ".join(f"fragment a{n} on Query {{ ...a{n + 1} }}" for n in range(500)),
        {},
        "QUERY_TOO_COMPLEX",
    ),
    "missing_variable": (LOOK, {}, INPUT),
    "null_variable": (LOOK, {"id": None}, INPUT),
    "object_for_id": (LOOK, {"id": {}}, INPUT),
    "string_for_int": (LIST, {"first": "1"}, INPUT),
    "float_for_int": (LIST, {"first": 1.5}, INPUT),
    "large_int": (LIST, {"first": 10**10}, INPUT),
    "unknown_input_field": (CREATE, {"input": {"dbConnectionId": UNKNOWN_ID, "nope": 1}}, INPUT),
    "missing_input_field": (CREATE, {"input": {}}, INPUT),
}


@pytest.mark.parametrize(("query", "variables", "code"), BAD_OPERATIONS.values(), ids=BAD_OPERATIONS.keys())
async def test_an_operation_that_cannot_be_run_is_told_why(
    quick_http: httpx2.AsyncClient, query: str, variables: dict[str, Any], code: str
) -> None:
    """Every error has the code of its stage, and no error is the server's fault."""
    response = await quick_http.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200
    assert "data" not in response.json()
    errors = response.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {code}
    assert all(error["message"] for error in errors)


@pytest.mark.parametrize("epochs", [MANY, f'"{MANY}"', "1e400", "-1", '"NaN"'], ids=lambda given: given[:5])
async def test_a_number_out_of_range_is_bad_input(quick_http: httpx2.AsyncClient, epochs: str) -> None:
    """However it is written: the argument is named, and nothing breaks."""
    response = await quick_http.post("/graphql", json={"query": WITH_EPOCHS % epochs})
    (error,) = response.json()["errors"]
    assert error["message"] == 'nEpochs must be "auto" or a whole number from 1 to 50.'
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "nEpochs"}


async def test_bad_input_names_its_argument_and_its_path(quick_http: httpx2.AsyncClient) -> None:
    """So that a form can point at it."""
    response = await quick_http.post("/graphql", json={"query": LOOK, "variables": {"id": "x"}})
    assert response.json()["data"] == {"finetuning": None}
    (error,) = response.json()["errors"]
    assert (error["message"], error["path"]) == ("id must be an id of 24 hexadecimal digits.", ["finetuning"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "id"}
