"""Checks golden records' SQL: one query in the connection's dialect.

The parser is lenient and no authority: its refusal is only a warning, except in the operator's strict mode.
SQL in an unknown dialect, or too slow to parse, gets a warning about the missing check.
"""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, cast

import structlog

from graphql_api.documents import GoldenRecordWarning, GoldenRecordWarningCode

log = structlog.get_logger(__name__)

SqlCheckMode = Literal["off", "warn", "strict"]

LONGEST_SQL = 20_000
"""The most characters of SQL to parse: people's queries are shorter, and slow ones are long."""

MOST_LOST_A_CALL = 3
"""The most parsers one call may lose, each in up to two seconds; the rest of the call stays unchecked."""


class ParserLostError(Exception):
    """The parser ended without an answer; the message says why."""


class SqlCheck:
    """Checks SQL in one process for all callers together; it starts at the first statement."""

    def __init__(self, mode: SqlCheckMode = "warn") -> None:
        self.mode = mode
        self._turn = asyncio.Lock()
        self._parser: Process | None = None

    async def warnings(self, statements: Sequence[str], *, dialect: str) -> list[GoldenRecordWarning | None]:
        """Return one warning or ``None`` for each statement."""
        if self.mode == "off":
            return [None] * len(statements)
        found, lost = list[GoldenRecordWarning | None](), 0
        for sql in statements:
            if len(sql) > LONGEST_SQL:
                found.append(_not_checked(f"it is longer than {LONGEST_SQL} characters"))
                continue
            if lost == MOST_LOST_A_CALL:
                found.append(_not_checked("others of the same call took too long"))
                continue
            try:
                # A turn is for one statement, so that a small call need not wait for a large one.
                async with self._turn:
                    found.append(await self._warning(sql, dialect=dialect))
            except ParserLostError as gone:
                lost += 1
                found.append(_not_checked(str(gone)))
        return found

    def refuses(self, warning: GoldenRecordWarning | None) -> bool:
        """Whether a record with this warning must not be stored."""
        wrong = {GoldenRecordWarningCode.SQL_SYNTAX, GoldenRecordWarningCode.SQL_NOT_ONE_QUERY}
        return self.mode == "strict" and warning is not None and warning.code in wrong

    async def close(self) -> None:
        """End the process at once; its waiting callers get a failure."""
        first = self._parser
        _kill(first)
        async with self._turn:
            parser, self._parser = self._parser, None
            if parser is not first:  # a second kill of the same would take its exit code from the event loop
                _kill(parser)
            if parser is not None:
                await parser.communicate()  # until its pipes are closed, too

    async def _warning(self, sql: str, *, dialect: str) -> GoldenRecordWarning | None:
        try:
            answer = await self._ask(sql, dialect=dialect)
        except asyncio.CancelledError:
            self._drop()  # else its answer would be taken for that of the next statement
            raise
        except (OSError, ValueError):  # it did not start, or its pipes have ended
            raise ParserLostError(await self._reason()) from None
        if answer["failure"] is not None:
            log.warning("the SQL parser failed", error=answer["failure"])
        return answer["warning"] and GoldenRecordWarning(**answer["warning"])

    async def _ask(self, sql: str, *, dialect: str) -> Any:
        if self._parser is None or self._parser.returncode is not None:
            self._parser = await _start()
        stdin = cast("asyncio.StreamWriter", self._parser.stdin)
        stdout = cast("asyncio.StreamReader", self._parser.stdout)
        stdin.write(json.dumps([sql, dialect]).encode() + b"\n")
        await stdin.drain()
        return json.loads(await stdout.readline())

    async def _reason(self) -> str:
        parser, self._parser = self._parser, None
        if parser is not None:
            await parser.communicate()  # no kill: it could replace the exit code read below
            if parser.returncode == -signal.SIGPROF:
                return "it takes too long to parse"
        log.warning("the SQL parser ended", exit_code=parser and parser.returncode)
        return "the parser failed"

    def _drop(self) -> None:
        parser, self._parser = self._parser, None
        _kill(parser)


async def _start() -> Process:
    # In a session of its own: an interrupt from the terminal is for the server, and the server ends this.
    script = Path(__file__).with_name("sql_parser.py")
    command = (sys.executable, "-P", str(script))
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)


def _kill(parser: Process | None) -> None:
    if parser is not None:
        with suppress(ProcessLookupError):  # it has ended by itself
            parser.kill()


def _not_checked(why: str) -> GoldenRecordWarning:
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_NOT_CHECKED, message=f"The SQL was not checked: {why}."
    )
