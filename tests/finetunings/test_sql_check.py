"""The check of golden records' SQL: what it says, what it leaves alone, and what it costs the others."""

import asyncio
import subprocess
import sys
from threading import current_thread

import pytest

from graphql_api.documents import GoldenRecordWarningCode
from graphql_api.finetunings.sql_check import SqlCheck, parser_dialect

Code = GoldenRecordWarningCode


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
async def test_one_query_is_right(sql: str) -> None:
    """Whatever it looks like, with a comment or a semicolon at its end."""
    assert await SqlCheck().warnings([sql], dialect="postgres") == [None]


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
async def test_what_is_not_one_query_is_told(sql: str) -> None:
    """The parser takes each of these without a complaint."""
    (warning,) = await SqlCheck().warnings([sql], dialect="postgres")
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
async def test_a_syntax_error_has_its_place(sql: str, near: str, line: int, column: int) -> None:
    """Where the token begins that was not expected, or the end of what never ends."""
    (warning,) = await SqlCheck().warnings([sql], dialect="postgres")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_SYNTAX, line, column)
    assert warning.message == f"The SQL cannot be parsed as postgres near {near!r}."


async def test_the_dialect_decides() -> None:
    """What is right in one is wrong in another."""
    sql = "SELECT TOP 3 [name] FROM author"
    assert await SqlCheck().warnings([sql], dialect="SQL Server") == [None]
    (warning,) = await SqlCheck().warnings([sql], dialect="postgres")
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
        ("SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "postgres", "it is nested too deeply"),
    ],
    ids=["dialect", "depth"],
)
async def test_what_cannot_be_checked_is_said_not_to_be(sql: str, dialect: str, why: str) -> None:
    """That is no reason to refuse it, even for a strict server."""
    strict = SqlCheck("strict")
    (warning,) = await strict.warnings([sql], dialect=dialect)
    assert warning is not None
    assert (warning.code, warning.message) == (Code.SQL_NOT_CHECKED, f"The SQL was not checked: {why}.")
    assert not strict.refuses(warning)


async def test_only_strict_servers_refuse() -> None:
    """What is wrong; nothing that is right."""
    syntax, commands, right = await SqlCheck().warnings(
        ["SELECT FROM", "DROP TABLE a", "SELECT 1"], dialect="pg"
    )
    strict, warns = SqlCheck("strict"), SqlCheck()
    assert [strict.refuses(one) for one in (syntax, commands, right)] == [True, True, False]
    assert [warns.refuses(one) for one in (syntax, commands, right)] == [False, False, False]


async def test_the_check_can_be_turned_off() -> None:
    """Then nothing is known to be wrong."""
    assert await SqlCheck("off").warnings(["DROP", "SELECT 1"], dialect="postgres") == [None, None]


async def test_warnings_keep_the_order_of_a_large_call() -> None:
    """Each is where its statement is."""
    statements = ["SELECT 1" if n % 3 else "DROP TABLE a" for n in range(333)]
    found = await SqlCheck().warnings(statements, dialect="postgres")
    assert [warning is None for warning in found] == [bool(n % 3) for n in range(333)]


async def test_others_have_their_turn_while_much_is_checked() -> None:
    """The event loop goes on, and a small call does not wait for the whole of a large one."""
    check, finished = SqlCheck(), list[str]()

    async def checking(name: str, statements: list[str]) -> None:
        await check.warnings(statements, dialect="postgres")
        finished.append(name)

    long = "SELECT " + ", ".join(f"a{n} + 1" for n in range(100))
    large = asyncio.create_task(checking("large", [long] * 500))
    await asyncio.sleep(0)
    await asyncio.gather(large, checking("small", ["SELECT 1"]))
    assert finished == ["small", "large"]


async def test_one_thread_serves_all_calls() -> None:
    """So that many large calls do not take all processors from the server."""
    check = SqlCheck()
    await asyncio.gather(*(check.warnings(["SELECT 1"] * 60, dialect="postgres") for _ in range(4)))
    assert len(check._thread._threads) == 1
    assert current_thread() not in check._thread._threads


def test_the_parser_is_loaded_when_it_is_needed() -> None:
    """A server that has just started has not spent a third of a second on it."""
    code = "import graphql_api.app, sys; sys.exit('sqlglot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_parser_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Users' SQL is not for the log."""
    await SqlCheck().warnings(["EXPLAIN SELECT 'secret'"], dialect="postgres")
    assert caplog.records == []
