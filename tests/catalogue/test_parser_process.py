"""The parser's process: several statements at a time, and each of them held to its own limit."""

import os
import signal
from collections.abc import AsyncIterator

import pytest

from graphql_api.catalogue.parser_process import ParserProcess
from tests.catalogue.test_sql_check import endless

LONG = f"SELECT {', '.join(['1'] * 6_000)}"
"""It takes the parser more than ten milliseconds, and far less than two seconds, on any machine."""


@pytest.fixture
async def parser() -> AsyncIterator[ParserProcess]:
    """Yield a parser that knows the dialect."""
    parser = await ParserProcess.start()
    await parser.ask(["SELECT 1"], dialect="postgres")
    yield parser
    parser.kill()
    await parser.exit_code()


async def codes(parser: ParserProcess, statements: list[str]) -> tuple[list[str | None], bool]:
    """Return the codes of the warnings, and whether the parser has ended."""
    answers = await parser.ask(statements, dialect="postgres")
    return [one["warning"] and one["warning"]["code"] for one in answers.given], answers.has_ended


async def test_one_question_is_for_several_statements(parser: ParserProcess) -> None:
    """The answers have their order, and nothing of an earlier question is in them."""
    asked = ["SELECT 1", "DROP TABLE a", "SELECT FROM WHERE"]
    assert await codes(parser, asked) == ([None, "sql_not_one_query", "sql_syntax"], False)
    assert await codes(parser, ["SELECT 1"]) == ([None], False)


async def test_the_one_that_ends_the_parser_is_known(parser: ParserProcess) -> None:
    """The answers to those before it are kept; it has had its two seconds of processor time."""
    assert await codes(parser, ["DROP TABLE a", endless(), "SELECT 1"]) == (["sql_not_one_query"], True)
    assert await parser.exit_code() == -signal.SIGPROF
    assert not parser.is_running


async def test_a_slow_statement_is_the_last_of_its_turn(parser: ParserProcess) -> None:
    """So that a turn of many slow ones is no longer than that of one."""
    assert await codes(parser, [LONG, LONG]) == ([None], False)


async def test_a_parser_that_is_gone_has_no_answers(parser: ParserProcess) -> None:
    """Those to the question before are not taken for them."""
    assert await codes(parser, ["DROP TABLE a"]) == (["sql_not_one_query"], False)
    parser.kill()
    assert await codes(parser, ["SELECT 1"]) == ([], True)


async def test_a_dropped_parser_ends(parser: ParserProcess) -> None:
    """Nobody asks it again."""
    parser.drop()
    assert await parser.exit_code() == -signal.SIGKILL


@pytest.mark.parametrize("has_call", [False, True], ids=["no call", "refused"])
async def test_answers_need_no_memory_file(monkeypatch: pytest.MonkeyPatch, has_call: bool) -> None:
    """Some systems have none, and some sandboxes of Linux refuse it."""

    def refuse(name: str) -> int:
        raise OSError(38, f"no {name}")

    monkeypatch.delattr(os, "memfd_create")
    if has_call:
        monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    parser = await ParserProcess.start()
    assert await codes(parser, ["SELECT 1"]) == ([None], False)  # the first loads the dialect
    assert await codes(parser, ["SELECT 1", "DROP TABLE a"]) == ([None, "sql_not_one_query"], False)
    parser.kill()
    await parser.exit_code()
