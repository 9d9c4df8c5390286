"""The check of golden records' SQL.

The tests hold its findings, its exceptions and its cost for other requests.
"""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.catalogue.sql_parser import parser_dialect
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


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        " SELECT 1 ; ;",
        "-- all of them\nSELECT * FROM author",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT name FROM author WHERE name ILIKE '%;%' ORDER BY 1 DESC NULLS LAST",
    ],
)
async def test_one_query_is_right(sql_check: SqlCheck, sql: str) -> None:
    """In any form, with a comment or a semicolon at its end."""
    assert await sql_check.warnings([sql], dialect="postgres") == [None]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "DROP TABLE author",
        "INSERT INTO author SELECT 1",
        "foo bar",
        "EXPLAIN SELECT 1",
        "-- nothing",
        ";",
    ],
)
async def test_what_is_not_one_query_is_told(sql_check: SqlCheck, sql: str) -> None:
    """The parser takes each of these without a complaint."""
    (warning,) = await sql_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_NOT_ONE_QUERY, None, None)
    assert warning.message == "The SQL is not one query and nothing else."


@pytest.mark.parametrize(
    ("sql", "near", "line", "column"),
    [
        ("SELECT * FRM x", "x", 1, 14),
        ("SELECT 1 SELECT 2", "SELECT", 1, 10),
        ("SELECT 1\nFROM author\n  WHERE", "WHERE", 3, 3),
        ("SELECT 'a\n b", "b", 2, 2),
        ("SELECT " + "x " * 40 + "'", "x " * 19 + "'", 1, 88),
    ],
)
async def test_a_syntax_error_has_its_place(
    sql_check: SqlCheck, sql: str, near: str, line: int, column: int
) -> None:
    """The place is the start of the unexpected token, or the end of an unclosed text."""
    (warning,) = await sql_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_SYNTAX, line, column)
    assert warning.message == f"The SQL cannot be parsed as postgres near {near!r}."


async def test_the_dialect_decides(sql_check: SqlCheck) -> None:
    """Right in one is wrong in another."""
    sql = "SELECT TOP 3 [name] FROM author"
    assert await sql_check.warnings([sql], dialect="SQL Server") == [None]
    (warning,) = await sql_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert warning.code is Code.SQL_SYNTAX


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("postgres", "postgres"),
        ("PostgreSQL", "postgres"),
        ("postgresql+psycopg", "postgres"),
        ("SQL Server", "tsql"),
        ("mssql", "tsql"),
        ("spark-sql", "spark"),
        ("MariaDB", "mysql"),
        ("sqlite3", "sqlite"),
        ("snowflake", "snowflake"),
        ("", None),
        ("db2", None),
    ],
)
def test_dialects_have_several_names(given: str, name: str | None) -> None:
    """Upper case, spaces and the driver of a URL do not matter."""
    assert parser_dialect(given) == name


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
    sql_check: SqlCheck, sql: str, dialect: str, why: str
) -> None:
    """That is no reason to refuse it, even for a strict server."""
    (warning,) = await sql_check.warnings([sql], dialect=dialect)
    assert warning is not None
    assert (warning.code, warning.message) == (Code.SQL_NOT_CHECKED, f"The SQL was not checked: {why}.")
    assert not SqlCheck("strict").refuses(warning)


async def test_only_strict_servers_refuse(sql_check: SqlCheck) -> None:
    """They refuse wrong SQL, and no right SQL."""
    syntax, commands, right = await sql_check.warnings(
        ["SELECT FROM", "DROP TABLE a", "SELECT 1"], dialect="pg"
    )
    strict, warns = SqlCheck("strict"), SqlCheck()
    assert [strict.refuses(one) for one in (syntax, commands, right)] == [True, True, False]
    assert [warns.refuses(one) for one in (syntax, commands, right)] == [False, False, False]


async def test_the_check_can_be_turned_off() -> None:
    """Then nothing is known to be wrong."""
    assert await SqlCheck("off").warnings(["DROP", "SELECT 1"], dialect="postgres") == [None, None]


async def test_warnings_keep_the_order_of_a_large_call(sql_check: SqlCheck) -> None:
    """Each is in its statement's place."""
    statements = ["SELECT 1" if n % 3 else "DROP TABLE a" for n in range(333)]
    found = await sql_check.warnings(statements, dialect="postgres")
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


@pytest.mark.parametrize(
    ("sql", "dialect", "failure"),
    [
        ("SELECT MAP(a) FROM t", "spark", "IndexError"),
        ("SELECT DATE_ADD(", "mysql", "AttributeError"),
    ],
)
async def test_a_parser_that_fails_is_told_and_logged(
    sql_check: SqlCheck, sql: str, dialect: str, failure: str
) -> None:
    """By its error's type alone, for the rest may quote the SQL; other statements are checked."""
    with capture_logs() as logs:
        failed, right = await sql_check.warnings([sql, "SELECT 1"], dialect=dialect)
    assert failed is not None
    assert (failed.code, right) == (Code.SQL_NOT_CHECKED, None)
    assert failed.message == "The SQL was not checked: the parser failed."
    assert logs == [{"event": "the SQL parser failed", "error": failure, "log_level": "warning"}]


def test_the_parser_is_loaded_when_it_is_needed() -> None:
    """A server that has just started has not spent a third of a second on it."""
    code = "import graphql_api.composition.app, sys; sys.exit('sqlglot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_parser_logs_nothing(sql_check: SqlCheck, capfd: pytest.CaptureFixture[str]) -> None:
    """Users' SQL is not for the log, and the process's stderr is a part of the log."""
    await sql_check.warnings(["EXPLAIN SELECT 'secret'"], dialect="postgres")
    await sql_check.close()
    assert capfd.readouterr() == ("", "")
