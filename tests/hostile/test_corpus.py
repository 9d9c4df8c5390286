"""The corpus: every kind is there, each input under a name of its own."""

from graphql import parse

from hostile.__main__ import chosen
from hostile.corpus import CORPUS
from hostile.documents import _circular, _unused, nested
from hostile.report import COLUMNS, heading, row
from hostile.sockets import frame, subscribe
from tests.hostile.test_limits import FINE

INPUTS = [one for section in CORPUS.values() for one in section]


def test_every_section_of_the_corpus_is_there() -> None:
    """Each line stands for a kind, under one name."""
    assert list(CORPUS) == [
        "Documents",
        "Variables",
        "Work",
        "Heads",
        "Silence",
        "Floods",
        "Held from the start",
    ]
    names = [one.name for one in INPUTS]
    assert (len(names) > 60, len(set(names))) == (True, len(names))


def test_words_choose_inputs() -> None:
    """A word is part of a section's or an input's name; without a word it is all."""
    assert {name: [one.name for one in found] for name, found in chosen(["slow"]).items()} == {
        "Silence": ["200 slow heads", "200 slow bodies"]
    }
    assert sum(map(len, chosen([]).values())) == len(INPUTS)


def test_the_documents_are_what_they_claim() -> None:
    """A mistake in the text would be refused by the parser, and the weighing never tried."""
    assert _depth(parse(_unused(nested(40)), no_location=True).to_dict()) > 40
    assert len(parse(_circular("__typename " * 100)).definitions) == 2


def test_a_line_has_a_cell_for_each_column() -> None:
    """The table is Markdown."""
    (first, rule), line = heading().splitlines(), row(FINE, ["CPU", "peak"])
    assert [text.count("|") for text in (first, rule, line)] == [len(COLUMNS) + 1] * 3
    assert line.endswith("| CPU, peak |")


def test_frames_are_those_of_the_protocol() -> None:
    """RFC 6455: a length of one, three or nine bytes, and a mask."""
    assert frame(b"ab", kind=0x9) == b"\x89\x82\0\0\0\0ab"
    assert frame(is_final=False) == b"\x01\x80\0\0\0\0"
    assert frame(b"x" * 300)[:4] == b"\x81\xfe\x01\x2c"
    assert frame(b"x" * 70_000)[:10] == b"\x81\xff" + (70_000).to_bytes(8, "big")
    assert subscribe(7, "{ a }").endswith(b'{"type": "subscribe", "id": "7", "payload": {"query": "{ a }"}}')


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return max(map(_depth, value), default=0)
    return 0
