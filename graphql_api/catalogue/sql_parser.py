"""A separate process for parsing golden records' SQL.

Each input line is a statement and its dialect, each output line a warning or none, with the processor time.
It is a script started by `sql_check`, because the parser takes exponential time for some short statements and
cannot be interrupted. In that case the kernel ends this process, and the server goes on. It also ends with
its stdin, and so with the server.
"""

import json
import logging
import re
import signal
import sys
import time
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot.dialects import Dialects
from sqlglot.errors import ErrorLevel, SqlglotError

LONGEST_PARSE_S = 2.0
"""In processor time, so that a busy machine does not make a correct statement fail."""

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
"""Common names of dialects, and the parser's names."""

Warned = dict[str, Any] | None


@lru_cache(maxsize=256)
def parser_dialect(dialect: str) -> str | None:
    """Return the parser's name for the dialect's common name; ``None`` if the parser does not know it."""
    driverless = dialect.lower().partition("+")[0]
    name = re.sub(r"[\s_-]", "", driverless)
    name = OTHER_NAMES.get(name, name)
    return name if name in {known.value for known in Dialects if known.value} else None


def not_checked(why: str) -> dict[str, Any]:
    """Return the warning for unchecked SQL."""
    return {"code": "sql_not_checked", "message": f"The SQL was not checked: {why}."}


def _main() -> None:
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it logs users' SQL if it half knows it
    for line in sys.stdin.buffer:
        sql, dialect = json.loads(line)
        began_s = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, LONGEST_PARSE_S)  # nothing handles it: it ends this process
        answer = _answer(sql, dialect=dialect)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answer["spent_s"] = time.process_time() - began_s
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answer(sql: str, *, dialect: str) -> dict[str, Any]:
    """Return the warning, if any, and the type of the parser's own failure, if any."""
    try:
        return {"warning": _warning(sql, dialect=dialect), "failure": None}
    except Exception as failure:  # noqa: BLE001  the server logs its type; a traceback may quote users' SQL
        return {"warning": not_checked("the parser failed"), "failure": type(failure).__name__}


def _warning(sql: str, *, dialect: str) -> Warned:
    name = parser_dialect(dialect)
    if name is None:
        return not_checked(f"the dialect {dialect!r} is not known")
    try:
        parsed = sqlglot.parse(sql, read=name, error_level=ErrorLevel.IMMEDIATE)
    except SqlglotError as problem:
        return _syntax(problem, sql, dialect=name)
    except RecursionError:
        return not_checked("it is nested too deeply")
    statements = [statement for statement in parsed if statement is not None]
    if len(statements) == 1 and isinstance(statements[0], sqlglot.exp.Query):
        return None
    return {"code": "sql_not_one_query", "message": "The SQL is not one query and nothing else."}


def _syntax(problem: SqlglotError, sql: str, *, dialect: str) -> Warned:
    """Return a warning with the place of the error in our words: those of the parser name its classes."""
    line, column, near = _place(problem, sql)
    message = f"The SQL cannot be parsed as {dialect} near {near[:LONGEST_QUOTE]!r}."
    return {"code": "sql_syntax", "message": message, "line": line, "column": column}


def _place(problem: SqlglotError, sql: str) -> tuple[int, int, str]:
    """Return line, column and text of the bad token, or of the end of the SQL."""
    for error in getattr(problem, "errors", ()):
        token = error["highlight"] or ""
        if error["line"] is not None:
            return error["line"], max(1, error["col"] - len(token) + 1), token
    lines = sql.rstrip().split("\n")
    return len(lines), max(1, len(lines[-1])), lines[-1][-LONGEST_QUOTE:].strip()


if __name__ == "__main__":
    _main()
