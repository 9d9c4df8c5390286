"""The lines of a text."""

from io import BytesIO, StringIO, TextIOWrapper

from graphql_api.transfer.lines import BLANK, LONGEST, misread, numbered


def test_lines_are_numbered_as_in_an_editor() -> None:
    """With each of the three ends, and with no other character for an end."""
    text = TextIOWrapper(BytesIO("a\r\n\nb\u2028c\rd".encode()), "utf-8", newline="")
    assert list(numbered(text)) == [(1, "a\r\n"), (2, "\n"), (3, "b\u2028c\r"), (4, "d")]


def test_a_line_without_an_end_is_not_read_whole() -> None:
    """Only its beginning is in memory, and a long padding is nothing."""
    many = 2 * LONGEST + 1
    text = StringIO("a" * many + "\nb" + "\0" * many + "\n" + "\0" * many + "c\n")
    told = [(number, line.strip(BLANK)) for number, line in numbered(text)]
    assert [one for one in told if one[1]] == [(1, "a" * (LONGEST + 1)), (2, "b"), (3, "c")]


def test_a_wrong_encoding_is_named() -> None:
    """By the byte and by what stands before it; right text is no fault, also if it is rare."""
    told = misread(b"caf\xe9 \xe9".decode(errors="surrogateescape"), encoding="UTF-8")
    assert told == (
        "this is not UTF-8: the byte 0xE9 after 'caf'; "
        "if it is Windows-1252, convert it first: iconv -f WINDOWS-1252 -t UTF-8"
    )
    assert misread("日本 \U0010ffff \ud800", encoding="UTF-8") == ""
