"""A file as people have it: its packing, encoding and layout are found by its content."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO, Literal, TextIO, cast

from graphql_api.transfer.json_values import is_complete
from graphql_api.transfer.lines import BLANK, MARK, misread
from graphql_api.transfer.records import FileError

Layout = Literal["JSON Lines", "JSON", "CSV", "TSV"]

HEAD_BYTES = 65_536
"""What is looked at to find the layout."""

GZIP = b"\x1f\x8b"

OTHERS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PAR1": "a Parquet file",
    b"BZh": "packed with bzip2",
    b"\x28\xb5\x2f\xfd": "packed with Zstandard",
    b"\xfd7zXZ": "packed with xz",
    b"SQLite format 3": "an SQLite database",
    GZIP: "packed with gzip twice",
}
"""The first bytes of files that are refused by their name."""

MARKS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

DELIMITERS = "\t,;"

_UNMARKED = {"UTF-16LE": re.compile(rb"([^\0]\0){4}"), "UTF-16BE": re.compile(rb"(\0[^\0]){4}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read several times; ``delimiter`` is of its cells if it is a table."""

    file: BinaryIO
    is_packed: bool
    encoding: str
    layout: Layout
    delimiter: str = ""

    def __str__(self) -> str:
        packed = ", packed with gzip" if self.is_packed else ""
        return f"{self.layout} in {self.encoding}{packed}"

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """Yield the text from its beginning; bytes that are no text become lone surrogates.

        Raises ``FileError`` if the packing or the encoding is broken.
        """
        unpacked = _unpacked(self.file, is_packed=self.is_packed)
        text = TextIOWrapper(unpacked, self.encoding, errors="surrogateescape", newline="")
        with _broken(self.encoding):
            try:
                yield text
            finally:
                text.detach()  # else it closes the file


def source_of(file: BinaryIO) -> Source:
    """Return the source in this file; raises ``FileError`` if it is none."""
    with _broken("text"):
        is_packed = _head(file, is_packed=False).startswith(GZIP)
        head = _head(file, is_packed=is_packed)
    for magic, name in OTHERS.items():
        if head.startswith(magic):
            raise FileError(f"this is {name}; unpack it, or export it as CSV or JSON")
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).lstrip(BLANK)
    layout, delimiter = _layout(text)
    return Source(file=file, is_packed=is_packed, encoding=encoding, layout=layout, delimiter=delimiter)


def decoded(content: bytes) -> str:
    """Return the text of a small file by its mark; raises ``FileError``."""
    encoding = _encoding(content[:HEAD_BYTES])
    with _broken(encoding):
        text = content.decode(encoding, errors="surrogateescape")
    if fault := misread(text, encoding=encoding):
        raise FileError(fault)
    return text.lstrip(MARK)


def _unpacked(file: BinaryIO, *, is_packed: bool) -> BinaryIO:
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file


def _head(file: BinaryIO, *, is_packed: bool) -> bytes:
    return _unpacked(file, is_packed=is_packed).read(HEAD_BYTES)


@contextmanager
def _broken(encoding: str) -> Iterator[None]:
    """Turn the errors of reading into those of a file."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise FileError(f"the gzip is broken: {broken}") from None
    except UnicodeDecodeError as broken:
        raise FileError(f"this is not {encoding} throughout: {broken.reason}") from None


def _encoding(head: bytes) -> str:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for encoding, pattern in _UNMARKED.items():
        if pattern.match(head):
            raise FileError(f"this is {encoding} without a mark; {conversion(encoding)}")
    return "UTF-8"


def conversion(encoding: str) -> str:
    """Return the advice to convert a file of this encoding."""
    return f"convert it first: iconv -f {encoding} -t UTF-8"


def _layout(text: str) -> tuple[Layout, str]:
    """Return the layout and the delimiter of a text by its beginning."""
    if text.startswith("["):
        return "JSON", ""
    first, _, rest = text.partition("\n")
    if text.startswith("{"):
        following = rest.lstrip(BLANK)
        is_spread = following and not following.startswith("{") and not is_complete(first)
        return ("JSON", "") if is_spread else ("JSON Lines", "")
    if not text:
        return "JSON Lines", ""
    header = re.sub('"[^"]*"', "", re.split(r"[\r\n]", first)[0])
    delimiter = max(DELIMITERS, key=header.count)
    if delimiter not in header:
        raise FileError(f"this is no JSON, CSV or TSV: it begins with {first.strip(BLANK)[:40]!r}")
    return ("TSV" if delimiter == "\t" else "CSV"), delimiter
