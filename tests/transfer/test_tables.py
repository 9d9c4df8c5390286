"""Rows of CSV and TSV."""

import pytest

from graphql_api.transfer.lines import LONGEST
from graphql_api.transfer.records import FileError
from tests.transfer.files import found_in, reader_of, record

HEADER = "prompt_text,sql,metadata\n"


def test_cells_may_have_delimiters_quotes_and_lines() -> None:
    """Every character of a cell is kept, and a row is named by its first line."""
    content = HEADER + '"a, ""b""\r\nc\rd\u2028","SELECT\n1",\n,x,\n'
    assert found_in(content.encode()) == [
        record('a, "b"\r\nc\rd\u2028', "SELECT\n1"),
        "line 6: prompt_text is missing",
    ]


def test_metadata_is_a_json_object() -> None:
    """Its numbers become strings; an empty cell is none."""
    rows = ['a,b,"{""n"": 1, ""z"": null}"', "a,b,{}", "a,b,", "a,b,{", "a,b,easy", 'a,b,"{""x"":1,""x"":1}"']
    assert found_in((HEADER + "\n".join(rows)).encode()) == [
        record("a", "b", {"n": "1"}),
        record("a", "b", {}),
        record("a", "b"),
        "line 5: metadata: this is not JSON: expecting property name enclosed in double quotes (at the end)",
        "line 6: metadata must be a map of strings to strings.",
        "line 7: metadata: an object has the key 'x' twice",
    ]


def test_files_put_together_repeat_the_header() -> None:
    """With or without a mark; blank rows and padding are nothing."""
    content = f"{HEADER}a,b,\n\n,,\n\ufeff{HEADER}c,d,\n\0\0\n\x1a"
    assert found_in(content.encode()) == [record("a", "b"), record("c", "d")]
    assert found_in(b"prompt_text,sql\na,b\x1a") == [record("a", "b")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,b", "there are 2 cells, and 3 columns"),
        ("a,b,,", "there are 4 cells, and 3 columns"),
        ("caf\udce9,b,", "this is not UTF-8: the byte 0xE9 after 'caf'; "),
    ],
)
def test_a_wrong_row_is_named_and_reading_goes_on(row: str, told: str) -> None:
    """Each row stands for itself."""
    first, second = found_in(f"{HEADER}{row}\nc,d,\n".encode(errors="surrogateescape"))
    assert first.startswith(f"line 2: {told}")
    assert second == record("c", "d")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('"a,b,\nc,d,\n', "a quotation mark is never closed"),
        ('"' + "x" * 140_000 + "\n", "a cell is too long; is a quotation mark never closed?"),
        ('"a" b,c,\n', "',' expected after '\"'"),
    ],
)
def test_a_broken_row_ends_the_reading(rows: str, told: str) -> None:
    """The rows after it cannot be told apart; its first line is named."""
    found = found_in(f"{HEADER}a,b,\n{rows}".encode())
    assert found == [record("a", "b"), f"line 3: this is not a row of a table: {told}"]


def test_a_line_that_is_too_long_is_not_read() -> None:
    """It is no row."""
    (told,) = found_in(f"{HEADER}{'x' * LONGEST},b,\n".encode())
    assert told == "line 2: this is not a row of a table: this is longer than 4,000,000 characters"


def test_columns_have_names() -> None:
    """One without a name gets its number; two of the same name are refused."""
    assert found_in(b", prompt_text ,sql\n0,a,b\n", keeps_rest=True) == [record("a", "b", {"column 1": "0"})]
    for header, told in (("sql,sql", "there are two columns 'sql'"), ("caf\udce9,b", "this is not UTF-8: ")):
        reader = reader_of(f"{header}\na,b\n".encode(errors="surrogateescape"))
        with pytest.raises(FileError, match=told):
            list(reader.found())
