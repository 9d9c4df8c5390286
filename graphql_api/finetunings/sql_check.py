"""The check of golden records' SQL: one query that can be parsed in the connection's dialect.

The parser is lenient and no authority: what it refuses is a warning unless the operator wants it otherwise,
and a dialect or a depth that it does not know is only said not to be checked.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Literal

from graphql_api.documents import GoldenRecordWarning, GoldenRecordWarningCode

if TYPE_CHECKING:
    from sqlglot.errors import SqlglotError

SqlCheckMode = Literal["off", "warn", "strict"]

STATEMENTS_A_TURN = 50
"""After so many, a few milliseconds each at most, others' statements have their turn."""

LONGEST_QUOTE = 40
"""How many characters of the SQL a warning quotes."""

OTHER_NAMES = {
    "cockroachdb": "postgres",
    "googlesql": "bigquery",
    "mariadb": "mysql",
    "microsoftsqlserver": "tsql",
    "mssql": "tsql",
    "pg": "postgres",
    "postgresql": "postgres",
    "sparksql": "spark",
    "sqlite3": "sqlite",
    "sqlserver": "tsql",
    "transactsql": "tsql",
}
"""What people call a dialect, and what the parser does."""


class SqlCheck:
    """Checks SQL away from the event loop, one statement at a time for all callers together."""

    def __init__(self, mode: SqlCheckMode = "warn") -> None:
        self.mode = mode
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sql-check")

    async def warnings(self, statements: Sequence[str], *, dialect: str) -> list[GoldenRecordWarning | None]:
        """Return what is wrong with each statement; ``None`` for nothing."""
        if self.mode == "off":
            return [None] * len(statements)
        loop, found = asyncio.get_running_loop(), list[GoldenRecordWarning | None]()
        for start in range(0, len(statements), STATEMENTS_A_TURN):
            turn = statements[start : start + STATEMENTS_A_TURN]
            found += await loop.run_in_executor(self._thread, _check_all, turn, dialect)
        return found

    def refuses(self, warning: GoldenRecordWarning | None) -> bool:
        """Whether a record with this warning must not be stored."""
        wrong = {GoldenRecordWarningCode.SQL_SYNTAX, GoldenRecordWarningCode.SQL_NOT_ONE_QUERY}
        return self.mode == "strict" and warning is not None and warning.code in wrong


@cache
def parser_dialect(dialect: str) -> str | None:
    """Return the parser's name for what people call the dialect; ``None`` if it knows none such."""
    from sqlglot.dialects import Dialects

    driverless = dialect.lower().partition("+")[0]
    name = re.sub(r"[\s_-]", "", driverless)
    name = OTHER_NAMES.get(name, name)
    return name if name in {known.value for known in Dialects if known.value} else None


def _check_all(statements: Sequence[str], dialect: str) -> list[GoldenRecordWarning | None]:
    return [_check(sql, dialect=dialect) for sql in statements]


def _check(sql: str, *, dialect: str) -> GoldenRecordWarning | None:
    import sqlglot
    from sqlglot.errors import ErrorLevel, SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it logs users' SQL that it knows half of
    name = parser_dialect(dialect)
    if name is None:
        return _not_checked(f"the dialect {dialect!r} is not known")
    try:
        parsed = sqlglot.parse(sql, read=name, error_level=ErrorLevel.IMMEDIATE)
    except SqlglotError as problem:
        return _syntax(problem, sql, dialect=name)
    except RecursionError:
        return _not_checked("it is nested too deeply")
    statements = [statement for statement in parsed if statement is not None]
    if len(statements) == 1 and isinstance(statements[0], sqlglot.exp.Query):
        return None
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_NOT_ONE_QUERY, message="The SQL is not one query and nothing else."
    )


def _not_checked(why: str) -> GoldenRecordWarning:
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_NOT_CHECKED, message=f"The SQL was not checked: {why}."
    )


def _syntax(problem: "SqlglotError", sql: str, *, dialect: str) -> GoldenRecordWarning:
    """Say where the parser stopped, in words of our own: its messages speak of its classes."""
    line, column, near = _place(problem, sql)
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_SYNTAX,
        message=f"The SQL cannot be parsed as {dialect} near {near[:LONGEST_QUOTE]!r}.",
        line=line,
        column=column,
    )


def _place(problem: "SqlglotError", sql: str) -> tuple[int, int, str]:
    """Return line, column and text of the token that was not understood, or of the end of the SQL."""
    for error in getattr(problem, "errors", ()):
        token = error["highlight"] or ""
        if error["line"] is not None:
            return error["line"], max(1, error["col"] - len(token) + 1), token
    lines = sql.rstrip().split("\n")
    return len(lines), max(1, len(lines[-1])), lines[-1][-LONGEST_QUOTE:].strip()
