"""A separate process for parsing golden records' SQL.

Each input line is a list of statements and the parser's name of their dialect. The answers go as lines into
the open file of the first argument, each a warning or none with the processor time. An empty output line
follows the last. It is a script started by `parser_process`: the parser takes exponential time for some short
statements and cannot be interrupted. In that case the kernel ends this process, and the server goes on. It
ends with its stdin, too, and so with the server.
"""

import json
import logging
import os
import re
import signal
import sys
import time
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

LONGEST_PARSE_S = 2.0
"""In processor time, so that a busy machine does not make a correct statement fail."""

LONGEST_TURN_S = 0.01
"""In processor time: the statement that reaches it is the turn's last, so that slow ones have turns apart."""

LONGEST_QUOTE = 40
"""How many characters of the SQL a warning quotes."""

QUERIES = (exp.Query, exp.Values, exp.Pivot)
"""A statement of DuckDB may be a pivot alone."""
CHANGES = (exp.Delete, exp.Insert, exp.Into, exp.Merge, exp.Update)
"""What a query may have in it and is none with it: in PostgreSQL a CTE can delete."""
LIMIT_BY = re.compile(r"\blimit\s+[\d\s,]+\s+by\s+[^()';]+?(?=\blimit\b)", re.IGNORECASE)

Warned = dict[str, Any] | None


def not_checked(why: str) -> dict[str, Any]:
    """Return the warning for unchecked SQL."""
    return {"code": "sql_not_checked", "message": f"The SQL was not checked: {why}."}


def _main() -> None:
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it logs users' SQL if it half knows it
    answers = int(sys.argv[1])
    for line in sys.stdin.buffer:
        statements, dialect = json.loads(line)
        began_s = time.process_time()
        for sql in statements:
            os.write(answers, json.dumps(_timed(sql, dialect=dialect)).encode() + b"\n")
            if time.process_time() - began_s >= LONGEST_TURN_S:
                break
        os.write(sys.stdout.fileno(), b"\n")


def _timed(sql: str, *, dialect: str) -> dict[str, Any]:
    """Return the answer with its processor time, or end this process if that is too long."""
    began_s = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LONGEST_PARSE_S)  # nothing handles it: it ends this process
    answer = _answer(sql, dialect=dialect)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return {**answer, "spent_s": time.process_time() - began_s}


def _answer(sql: str, *, dialect: str) -> dict[str, Any]:
    """Return the warning, if any, and the type of the parser's own failure, if any."""
    try:
        return {"warning": _warning(sql, dialect=dialect), "failure": None}
    except Exception as failure:  # noqa: BLE001  the server logs its type; a traceback may quote users' SQL
        return {"warning": not_checked("the parser failed"), "failure": type(failure).__name__}


def _warning(sql: str, *, dialect: str) -> Warned:
    try:
        parsed = _parsed(sql, dialect=dialect)
    except SqlglotError as problem:
        return _syntax(problem, sql, dialect=dialect)
    except RecursionError:
        return not_checked("it is nested too deeply")
    statements = [one for one in parsed if one is not None and not isinstance(one, exp.Semicolon)]
    if len(statements) != 1 or not isinstance(statements[0], QUERIES):
        return {"code": "sql_not_one_query", "message": "The SQL is not one query and nothing else."}
    if change := statements[0].find(*CHANGES):
        message = f"The SQL is not a query alone: it has {change.key.upper()} in it."
        return {"code": "sql_not_one_query", "message": message}
    return None


def _parsed(sql: str, *, dialect: str) -> list[exp.Expr | None]:
    """Return the statements; raises ``SqlglotError``."""
    try:
        return sqlglot.parse(sql, read=dialect, error_level=ErrorLevel.IMMEDIATE)
    except SqlglotError:
        if dialect != "clickhouse" or not LIMIT_BY.search(sql):
            raise
        # The parser knows LIMIT BY, but no second LIMIT behind it. Spaces keep the places of other errors.
        shorter = LIMIT_BY.sub(lambda found: " " * len(found[0]), sql)
        return sqlglot.parse(shorter, read=dialect, error_level=ErrorLevel.IMMEDIATE)


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
