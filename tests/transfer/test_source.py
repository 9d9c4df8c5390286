"""A file's packing, encoding and layout."""

import codecs
import gzip
from io import BytesIO

import pytest

from graphql_api.transfer.records import FileError
from graphql_api.transfer.source import source_of
from tests.transfer.files import found_in, reader_of, record


def packed(content: bytes) -> bytes:
    """Return the gzip of the content, the same at any time: tests are named by it."""
    return gzip.compress(content, mtime=0)


LAYOUTS = {
    "JSON Lines": '{"prompt_text": "Größe?", "sql": "SELECT 1"}\n{"prompt_text": "b", "sql": "SELECT 2"}\n',
    "JSON": '[{"prompt_text": "Größe?", "sql": "SELECT 1"},\n {"prompt_text": "b", "sql": "SELECT 2"}]',
    "CSV": "prompt_text,sql\nGröße?,SELECT 1\nb,SELECT 2\n",
    "TSV": "prompt_text\tsql\r\nGröße?\tSELECT 1\r\nb\tSELECT 2\r\n",
}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
}


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_goes_with_every_encoding_and_packing(
    layout: str, encoding: str, is_packed: bool
) -> None:
    """The content alone decides, and the records are the same; a second reading is, too."""
    content = LAYOUTS[layout].encode(encoding)
    reader = reader_of(packed(content) if is_packed else content)
    told = ", packed with gzip" if is_packed else ""
    assert str(reader.source) == f"{layout} in {ENCODINGS[encoding]}{told}"
    for _ in range(2):
        fields = [one.fields for one in reader.records()]
        assert fields == [record("Größe?", "SELECT 1"), record("b", "SELECT 2")]


def test_objects_may_be_spread_over_lines() -> None:
    """As programs print them for people; a first line that is wrong does not make it such a file."""
    spread = b'{\n  "prompt_text": "a",\n  "sql": "b"\n}\n'
    assert str(reader_of(spread).source) == "JSON in UTF-8"
    assert found_in(spread * 2) == [record("a", "b")] * 2
    lines = reader_of(b'{\n{"prompt_text": "a", "sql": "b"}\n')
    assert str(lines.source) == "JSON Lines in UTF-8"


def test_big_endian_text_is_read_by_its_mark() -> None:
    """As the little-endian one is."""
    content = codecs.BOM_UTF16_BE + LAYOUTS["CSV"].encode("utf-16-be")
    assert found_in(content)[0] == record("Größe?", "SELECT 1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_divided_as_in_the_header(delimiter: str) -> None:
    """Also with the semicolons of some countries' Excel, and with other delimiters inside of quotes."""
    header = delimiter.join(['"a,;,;\t\t"', "prompt_text", "sql"])
    assert found_in(f"{header}\nx{delimiter}b{delimiter}c\n".encode()) == [record("b", "c")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": 1}\n'.encode("utf-16-le"), "this is UTF-16LE without a mark; "),
        ('{"a": 1}\n'.encode("utf-16-be"), "this is UTF-16BE without a mark; "),
        (
            b"PK\x03\x04...",
            "this is a ZIP archive or an Excel workbook; unpack it, or export it as CSV or JSON",
        ),
        (b"PAR1...", "this is a Parquet file; "),
        (packed(packed(b"{}")), "this is packed with gzip twice; "),
        (packed(b"{}")[:-9], "the gzip is broken: Compressed file ended before"),
        (b"hello world\n", "this is no JSON, CSV or TSV: it begins with 'hello world'"),
        (b"\x1b[2J\n", r"this is no JSON, CSV or TSV: it begins with '\x1b[2J'"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, told: str) -> None:
    """As what it is, with the remedy."""
    with pytest.raises(FileError) as refused:
        source_of(BytesIO(content))
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (packed(b'{"prompt_text": "a", "sql": "b"}\n' * 9_000 + b"x")[:-200], "the gzip is broken: "),
        (("[" + " " * 99_999).encode("utf-16") + b"\0", "this is not UTF-16 throughout: truncated data"),
    ],
)
def test_a_file_that_breaks_off_later_is_named(content: bytes, told: str) -> None:
    """Its beginning was right."""
    reader = reader_of(content)
    with pytest.raises(FileError) as refused:
        list(reader.found())
    assert str(refused.value).startswith(told)


def test_an_empty_file_has_no_records() -> None:
    """It is no error, as before."""
    assert found_in(b"") == found_in(b"\n \n") == found_in(b"\0\0") == []
