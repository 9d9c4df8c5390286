"""The shapes of records in files, known or named."""

from typing import Any

import orjson
import pytest

from graphql_api.transfer.records import FieldError, FileError
from graphql_api.transfer.shapes import OWN, mapped, shape_of
from tests.transfer.files import found_in, record

RIGHT = {"prompt_text": "Who?", "sql": "SELECT 1"}


@pytest.mark.parametrize(
    ("given", "metadata"),
    [
        (RIGHT, None),
        ({"promptText": "Who?", "sql": "SELECT 1"}, None),
        ({**RIGHT, "metadata": None}, None),
        ({**RIGHT, "metadata": {}}, {}),
        ({**RIGHT, "metadata": {"a": "b"}}, {"a": "b"}),
        (
            {**RIGHT, "metadata": {"n": 1, "x": 1.5, "y": True, "z": None}},
            {"n": "1", "x": "1.5", "y": "true"},
        ),
        (
            {**RIGHT, "db_name": "academic", "dialect": "postgres"},
            {"db_name": "academic", "dialect": "postgres"},
        ),
        ({**RIGHT, "db_name": None}, None),
        ({**RIGHT, "db_name": 7}, {"db_name": "7"}),
        ({**RIGHT, "db_name": "academic", "metadata": {"a": "b"}}, {"db_name": "academic", "a": "b"}),
        ({**RIGHT, "dialect": "mysql", "metadata": {"dialect": "mine"}}, {"dialect": "mine"}),
    ],
)
def test_own_records_have_either_names(given: dict[str, Any], metadata: object) -> None:
    """Ours in Python's or GraphQL's style, and those of public sets; these become metadata."""
    assert shape_of(given) is OWN
    fields, left_out = OWN.fields(given, keeps_rest=False)
    assert (fields, left_out) == ({"promptText": "Who?", "sql": "SELECT 1", "metadata": metadata}, [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sql": "SELECT 1"}, "prompt_text is missing"),
        ({"promptText": "a"}, "sql is missing"),
        ({"promptText": None, "sql": "a"}, "prompt_text is missing"),
        ({**RIGHT, "promptText": "b"}, "prompt_text and promptText are the same field"),
        ({**RIGHT, "sql": " "}, "sql must not be empty."),
        ({**RIGHT, "sql": 1}, "sql must be a string."),
        ({**RIGHT, "prompt_text": 1}, "prompt_text must be a string."),
        ({**RIGHT, "prompt_text": "x" * 100_001}, "promptText must have at most 100000 characters."),
        ({**RIGHT, "metadata": []}, "metadata must be a map of strings to strings."),
        ({**RIGHT, "metadata": [], "db_name": "a"}, "metadata must be a map of strings to strings."),
        ({**RIGHT, "db_name": []}, "metadata: the value of 'db_name' must be a string."),
        ({**RIGHT, "metadata": {"a": [1]}}, "metadata: the value of 'a' must be a string."),
    ],
    ids=str,
)
@pytest.mark.parametrize("keeps_rest", [False, True])
def test_an_object_that_is_no_record_is_named(given: dict[str, Any], message: str, keeps_rest: bool) -> None:
    """By its fault, whether it has more fields to keep or not."""
    with pytest.raises(FieldError) as wrong:
        OWN.fields({**given, "more": 1}, keeps_rest=keeps_rest)
    assert str(wrong.value) == message


def chat(**turns: str) -> dict[str, Any]:
    """Return an object with a message for each role."""
    return {"messages": [{"role": role, "content": content} for role, content in turns.items()]}


KNOWN: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    (
        "Spider: question -> prompt_text, query -> sql, db_id -> metadata",
        {"question": "Who?", "query": "SELECT 1", "db_id": "zoo", "query_toks": ["select"], "sql": {"a": 1}},
        record("Who?", "SELECT 1", {"db_id": "zoo"}),
        ["query_toks", "sql"],
    ),
    (
        (
            "question and SQL: question -> prompt_text, sql -> sql, "
            "db_id + db_name + dialect + metadata -> metadata"
        ),
        {"question": "Who?", "sql": "SELECT 1", "metadata": {"a": 1}},
        record("Who?", "SELECT 1", {"a": "1"}),
        [],
    ),
    (
        "BIRD: question + evidence -> prompt_text, SQL -> sql, db_id -> metadata",
        {
            "question": "Who?",
            "SQL": "SELECT 1",
            "evidence": "'who' is a name",
            "db_id": "zoo",
            "difficulty": "easy",
        },
        record("Who?\n\n'who' is a name", "SELECT 1", {"db_id": "zoo"}),
        ["difficulty"],
    ),
    (
        "BIRD: question + evidence -> prompt_text, SQL -> sql, db_id -> metadata",
        {"question": "Who?", "SQL": "SELECT 1", "evidence": ""},
        record("Who?", "SELECT 1"),
        [],
    ),
    (
        "sql-create-context: question + context -> prompt_text, answer -> sql",
        {"question": "Who?", "answer": "SELECT 1", "context": "CREATE TABLE a (b int)"},
        record("Who?\n\nCREATE TABLE a (b int)", "SELECT 1"),
        [],
    ),
    (
        "chat messages: user -> prompt_text, assistant -> sql",
        chat(system="Be brief.", user="Who?", assistant="SELECT 1"),
        record("Who?", "SELECT 1"),
        ["system"],
    ),
    (
        "instructions: instruction + input -> prompt_text, output -> sql",
        {"instruction": "Translate.", "input": "Who?", "output": "SELECT 1"},
        record("Translate.\n\nWho?", "SELECT 1"),
        [],
    ),
]


@pytest.mark.parametrize(("told", "given", "fields", "left_out"), KNOWN)
def test_known_shapes_are_recognised(
    told: str, given: dict[str, Any], fields: dict[str, Any], left_out: list[str]
) -> None:
    """With all that the answer depends on in the question, and the rest told."""
    shape = shape_of(given)
    assert str(shape) == told
    assert shape.fields(given, keeps_rest=False) == (fields, left_out)


def test_the_first_object_gives_the_shape_of_all() -> None:
    """One that lacks a part of it is wrong."""
    lines = [{"question": "a", "query": "b"}, RIGHT, chat(user="a", assistant="b")]
    assert found_in(b"\n".join(map(orjson.dumps, lines))) == [
        record("a", "b"),
        "line 2: question is missing",
        "line 3: question is missing",
    ]


def test_an_unknown_shape_is_told_with_its_fields() -> None:
    """And with the remedy; a wrong chat is still a chat."""
    with pytest.raises(FileError) as refused:
        shape_of({"utterance": "a", "gold\x1b": "b"})
    assert str(refused.value) == (
        r"the fields 'utterance', 'gold\x1b' are of no known shape; name the question's and the SQL's with "
        "--map FIELD=prompt_text --map FIELD=sql"
    )
    assert shape_of({"messages": []}).name == "chat messages"


def test_a_map_names_any_fields() -> None:
    """Several of the question are joined; a part without a field has its own name."""
    pairs = [("q", "prompt_text"), ("hint", "prompt_text"), ("gold", "sql"), ("level", "metadata")]
    shape = mapped(pairs)
    assert str(shape) == "--map: q + hint -> prompt_text, gold -> sql, level -> metadata"
    given = {"q": "Who?", "hint": "A name", "gold": "SELECT 1", "level": 3, "sql": "other"}
    assert shape.fields(given, keeps_rest=False) == (
        record("Who?\n\nA name", "SELECT 1", {"level": "3"}),
        ["sql"],
    )
    assert mapped([("q", "prompt_text")]).fields({"q": "a", "sql": "b"}, keeps_rest=False) == (
        record("a", "b"),
        [],
    )


def test_the_rest_is_kept_as_far_as_metadata_has_room() -> None:
    """Plain values of any type as strings; what does not fit is told, and stored metadata wins."""
    fitting = {"n": 1, "x": 0.5, "yes": True, "text": "a"}
    unfitting = {"long": "x" * 513, "k" * 65: "a", "list": [1], "map": {}}
    given = {"question": "a", "sql": "b", "metadata": {"n": "mine"}, "gone": None, **fitting, **unfitting}
    fields, left_out = shape_of(given).fields(given, keeps_rest=True)
    assert fields["metadata"] == {"x": "0.5", "yes": "true", "text": "a", "n": "mine"}
    assert left_out == ["n", "long", "k" * 65, "list", "map"]
    many = {"question": "a", "sql": "b", "db_id": "c", **{f"f{n}": n for n in range(20)}}
    fields, left_out = shape_of(many).fields(many, keeps_rest=True)
    assert len(fields["metadata"]) == 16
    assert left_out == ["f15", "f16", "f17", "f18", "f19"]
