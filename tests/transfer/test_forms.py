"""The forms in which golden records are written."""

import pytest

from graphql_api.transfer.forms import HEADER, chat_line, csv_row, json_line
from tests.transfer.files import found_in, record

STRANGE = ["Why\r\n?\u2028\u0085 日本", '\ufeff a,"b"\r\x1a', "'\t\\ "]


@pytest.mark.parametrize("metadata", [None, {}, {"a": "\n", "b": "\u2028"}])
@pytest.mark.parametrize("text", STRANGE)
def test_a_written_record_is_read_as_the_same(text: str, metadata: dict[str, str] | None) -> None:
    """In any form, for any content; a JSON line is one line for every reader."""
    given = record(text, text, metadata)
    (line,) = json_line(given).splitlines(keepends=True)
    assert len(line.decode().splitlines()) == 1
    assert found_in(line) == [given]
    assert found_in(HEADER + csv_row(given)) == [given]
    assert found_in(chat_line(given)) == [{**given, "metadata": None}]


def test_forms_are_as_others_write_them() -> None:
    """A table with quoted cells and the line ends of its standard; a chat as OpenAI's guide has it."""
    given = record('Who "x"?', "SELECT 1", {"a": "b"})
    assert HEADER + csv_row(given) == (
        b'"prompt_text","sql","metadata"\r\n"Who ""x""?","SELECT 1","{""a"":""b""}"\r\n'
    )
    assert chat_line(given) == (
        b'{"messages":[{"role":"user","content":"Who \\"x\\"?"},{"role":"assistant","content":"SELECT 1"}]}\n'
    )
    assert json_line(given) == b'{"prompt_text":"Who \\"x\\"?","sql":"SELECT 1","metadata":{"a":"b"}}\n'
