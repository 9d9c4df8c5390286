"""The parser of golden records' SQL: its answer about a statement in a dialect."""

import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import GoldenRecordWarningCode

Code = GoldenRecordWarningCode


@pytest.mark.asyncio(loop_scope="module")
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
async def test_one_query_is_right(shared_check: SqlCheck, sql: str) -> None:
    """In any form, with a comment or a semicolon at its end."""
    assert await shared_check.warnings([sql], dialect="postgres") == [None]


@pytest.mark.asyncio(loop_scope="module")
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
async def test_what_is_not_one_query_is_told(shared_check: SqlCheck, sql: str) -> None:
    """The parser takes each of these without a complaint."""
    (warning,) = await shared_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_NOT_ONE_QUERY, None, None)
    assert warning.message == "The SQL is not one query and nothing else."


@pytest.mark.asyncio(loop_scope="module")
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
    shared_check: SqlCheck, sql: str, near: str, line: int, column: int
) -> None:
    """The place is the start of the unexpected token, or the end of an unclosed text."""
    (warning,) = await shared_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_SYNTAX, line, column)
    assert warning.message == f"The SQL cannot be parsed as postgres near {near!r}."


@pytest.mark.asyncio(loop_scope="module")
async def test_the_dialect_decides(shared_check: SqlCheck) -> None:
    """Right in one is wrong in another."""
    sql = "SELECT TOP 3 [name] FROM author"
    assert await shared_check.warnings([sql], dialect="SQL Server") == [None]
    (warning,) = await shared_check.warnings([sql], dialect="postgres")
    assert warning is not None
    assert warning.code is Code.SQL_SYNTAX


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT 1; -- done", "postgres"),
        ("SELECT 1; /* done */ ;", "postgres"),
        ("SELECT 1;\n\n-- done\n-- and gone", "mysql"),
        ("VALUES (1, 'a'), (2, 'b')", "postgres"),
        ("PIVOT cities ON year USING sum(population)", "duckdb"),
        ("FROM cities", "duckdb"),
        ("SELECT a FROM t ORDER BY b LIMIT 2 BY a", "clickhouse"),
        ("SELECT a FROM t ORDER BY b LIMIT 2 BY a, c LIMIT 10", "clickhouse"),
        ("SELECT a FROM t LIMIT 5 * 2 OFFSET (SELECT count(*) / 2 FROM t)", "sqlite"),
        ("SELECT a FROM t FOR UPDATE", "postgres"),
    ],
)
async def test_what_people_write_is_a_query(shared_check: SqlCheck, sql: str, dialect: str) -> None:
    """Comments behind the end, rows alone, and what only one dialect has."""
    assert await shared_check.warnings([sql], dialect=dialect) == [None]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("sql", "dialect", "change"),
    [
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "postgres", "DELETE"),
        ("WITH d AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM d", "postgres", "INSERT"),
        ("WITH d AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM d", "postgres", "UPDATE"),
        ("SELECT a INTO b FROM t", "postgres", "INTO"),
        ("SELECT a FROM (SELECT a INTO #b FROM t) x", "tsql", "INTO"),
    ],
)
async def test_a_change_is_found_in_a_query(
    shared_check: SqlCheck, sql: str, dialect: str, change: str
) -> None:
    """Wherever it stands."""
    (warning,) = await shared_check.warnings([sql], dialect=dialect)
    assert warning is not None
    assert warning.code is Code.SQL_NOT_ONE_QUERY
    assert warning.message == f"The SQL is not a query alone: it has {change} in it."


@pytest.mark.asyncio(loop_scope="module")
async def test_an_error_behind_a_limit_by_keeps_its_place(shared_check: SqlCheck) -> None:
    """The place is that in the statement as it was sent."""
    sql = "SELECT a FROM t LIMIT 2 BY a LIMIT 10 FRM"
    (warning,) = await shared_check.warnings([sql], dialect="clickhouse")
    assert warning is not None
    assert (warning.code, warning.line, warning.column) == (Code.SQL_SYNTAX, 1, sql.index("FRM") + 1)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("sql", "dialect", "failure"),
    [
        ("SELECT MAP(a) FROM t", "spark", "IndexError"),
        ("SELECT DATE_ADD(", "mysql", "AttributeError"),
    ],
)
async def test_a_parser_that_fails_is_told_and_logged(
    shared_check: SqlCheck, sql: str, dialect: str, failure: str
) -> None:
    """By its error's type alone, for the rest may quote the SQL; other statements are checked."""
    with capture_logs() as logs:
        failed, right = await shared_check.warnings([sql, "SELECT 1"], dialect=dialect)
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
