"""The check of golden records' SQL.

The tests hold its findings, its exceptions and its cost for other requests.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import GoldenRecordWarningCode
from tests.process_states import environment_of

Code = GoldenRecordWarningCode
SLOW_CALLS = ["DECIMAL(", "VARCHAR(", "ROW("]


def endless(call: str = "DECIMAL(") -> str:
    """Return SQL that the parser would take years for."""
    return f"SELECT {call * 40}1{')' * 40}"


def children() -> set[int]:
    """Return the running children of this process."""
    found = set[int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and state != "Z":
                found.add(int(stat.parent.name))
    return found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("sql", "dialect", "why"),
    [
        ("SELECT FROM WHERE", "db2", "the dialect 'db2' is not known"),
        ("SELECT " + "(" * 9_000 + "1" + ")" * 9_000, "postgres", "it is nested too deeply"),
        ("SELECT a" + "[1]" * 7_000, "postgres", "it is longer than 20000 characters"),
    ],
    ids=["dialect", "depth", "length"],
)
async def test_what_cannot_be_checked_is_said_not_to_be(
    shared_check: SqlCheck, sql: str, dialect: str, why: str
) -> None:
    """That is no reason to refuse it, even for a strict server."""
    (warning,) = await shared_check.warnings([sql], dialect=dialect)
    assert warning is not None
    assert (warning.code, warning.message) == (Code.SQL_NOT_CHECKED, f"The SQL was not checked: {why}.")
    assert not SqlCheck("strict").refuses(warning)


@pytest.mark.asyncio(loop_scope="module")
async def test_only_strict_servers_refuse(shared_check: SqlCheck) -> None:
    """They refuse wrong SQL, and no right SQL."""
    syntax, commands, right = await shared_check.warnings(
        ["SELECT FROM", "DROP TABLE a", "SELECT 1"], dialect="pg"
    )
    strict, warns = SqlCheck("strict"), SqlCheck()
    assert [strict.refuses(one) for one in (syntax, commands, right)] == [True, True, False]
    assert [warns.refuses(one) for one in (syntax, commands, right)] == [False, False, False]


async def test_the_check_can_be_turned_off() -> None:
    """Then nothing is known to be wrong."""
    assert await SqlCheck("off").warnings(["DROP", "SELECT 1"], dialect="postgres") == [None, None]


@pytest.mark.asyncio(loop_scope="module")
async def test_warnings_keep_the_order_of_a_large_call(shared_check: SqlCheck) -> None:
    """Each is in its statement's place."""
    statements = ["SELECT 1" if n % 3 else "DROP TABLE a" for n in range(333)]
    found = await shared_check.warnings(statements, dialect="postgres")
    assert [warning is None for warning in found] == [bool(n % 3) for n in range(333)]


@pytest.mark.parametrize("call", SLOW_CALLS)
async def test_what_takes_too_long_is_given_up(sql_check: SqlCheck, call: str) -> None:
    """The parser would take years; the statements before and after it are checked all the same."""
    given = ["SELECT 1", endless(call), "DROP TABLE a"]
    right, late, command = await sql_check.warnings(given, dialect="duckdb")
    assert late is not None
    assert command is not None
    assert (right, command.code) == (None, Code.SQL_NOT_ONE_QUERY)
    assert (late.code, late.message) == (
        Code.SQL_NOT_CHECKED,
        "The SQL was not checked: it takes too long to parse.",
    )


async def test_the_parser_sees_none_of_the_servers_keys(
    sql_check: SqlCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its environment has what finds Python's parts, and nothing else."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-the-server-alone")
    monkeypatch.setenv("MONGODB_URI", "mongodb://operator:secret@example.com")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    before = children()
    assert await sql_check.warnings(["SELECT 1"], dialect="postgres") == [None]
    (pid,) = children() - before
    environment = environment_of(pid)
    environment.pop("LC_CTYPE", None)  # Python sets it for itself
    assert environment.keys() <= {"LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"}
    assert environment["LD_LIBRARY_PATH"] == "/nowhere"


async def test_an_answer_nobody_waits_for_is_not_anothers(sql_check: SqlCheck) -> None:
    """The parser of a call that was broken off is ended; the next call has a new one."""
    await sql_check.warnings(["SELECT 1"], dialect="postgres")
    call = asyncio.create_task(sql_check.warnings(["DROP TABLE a"], dialect="postgres"))
    await asyncio.sleep(0)  # it has asked by then
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await sql_check.warnings(["SELECT 1"], dialect="postgres") == [None]


async def test_closing_ends_a_parser_amid_a_statement(sql_check: SqlCheck) -> None:
    """At once; the call learns that its statement was not checked."""
    before = children()
    await sql_check.warnings(["SELECT 1"], dialect="postgres")
    call = asyncio.create_task(sql_check.warnings([endless()], dialect="postgres"))
    await asyncio.sleep(0)  # it has asked by then
    await sql_check.close()
    (warning,) = await call
    assert children() == before
    assert warning is not None
    assert warning.message == "The SQL was not checked: the parser failed."


async def test_a_parser_that_was_killed_is_replaced(sql_check: SqlCheck) -> None:
    """The statement that finds it gone may be left unchecked, the next one is not."""
    before = children()
    await sql_check.warnings(["SELECT 1"], dialect="postgres")
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    *_, last = await sql_check.warnings(["SELECT 1", "SELECT 1"], dialect="postgres")
    assert last is None


async def test_a_parser_that_does_not_start_costs_the_caller_nothing(
    sql_check: SqlCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A charge for each would use up the allowance with the third."""
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        found = await sql_check.warnings(["SELECT 1"] * 4, dialect="postgres")
    assert {one and one.message for one in found} == {"The SQL was not checked: the parser failed."}
    assert await sql_check.warnings(["SELECT 1"], dialect="postgres") == [None]
