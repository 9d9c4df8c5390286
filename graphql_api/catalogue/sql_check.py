"""Checks golden records' SQL: one query in the connection's dialect.

The parser is lenient and no authority: its refusal is only a warning, except in the operator's strict mode.
SQL in an unknown dialect, or too slow to parse, gets a warning about the missing check.
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Literal, cast

import structlog

from graphql_api.bounded_cache import BoundedCache
from graphql_api.catalogue.dialects import parser_dialect
from graphql_api.catalogue.turns import QueueFullError, Turns
from graphql_api.documents import GoldenRecordWarning, GoldenRecordWarningCode
from graphql_api.rate_limits import Budget, Counts

log = structlog.get_logger(__name__)

SqlCheckMode = Literal["off", "warn", "strict"]

LONGEST_SQL = 20_000
"""The most characters of SQL to parse: people's queries are shorter, and slow ones are long."""

ALLOWANCE = "6000/minute"
"""The parser's time for one caller's slow statements, in milliseconds; its others stay unchecked then."""

ORDINARY_S = 0.1
"""The parser's time for a statement that counts as none: people's queries take some milliseconds."""

SLOWEST_S = 2.0
"""The time of a statement that was ended; the parser's own limit."""

LONGEST_WAIT_S = 2.0
"""How long one call waits for others in all, beyond their ordinary turns."""

ORDINARY_TURN_S = 0.1
"""A wait up to this is no sign of trouble: other calls have statements, too."""

MEMORY_CHARACTERS = 1_000_000
"""Room for the digests of some thousand statements that took too long."""

# What the interpreter needs to find its parts. The rest of the server's environment has keys.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")

_END = "the end"
"""The account of the closing, which no caller has."""

_TOO_LONG = "it takes too long to parse"


class ParserLostError(Exception):
    """The parser ended without an answer; the message says why."""


class TooSlowError(ParserLostError):
    """The parser was ended because the statement takes too long."""


class NotAskedError(Exception):
    """The parser is not to be asked; the message says why."""


@dataclass(slots=True)
class _Call:
    """One call's account, and what is left to the call of the time to wait for others."""

    account: str
    wait_s: float


class SqlCheck:
    """Checks SQL in one process for all callers together; it starts at the first statement.

    A statement that takes too long is remembered, an account has little time for slow ones, and a call waits
    for the others' statements a short time only, of each account for one. So one caller's slow statements
    hardly delay another's records; at worst these stay unchecked.
    """

    def __init__(
        self,
        mode: SqlCheckMode = "warn",
        *,
        longest_wait_s: float = LONGEST_WAIT_S,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.mode = mode
        self._longest_wait_s = longest_wait_s
        self._turns = Turns()
        self._allowance = Budget.of(ALLOWANCE, Counts(now=now), kind="sql")
        self._parser: Process | None = None
        self._too_slow = BoundedCache[bool](most_characters=MEMORY_CHARACTERS, entry_characters=200)

    async def warnings(
        self, statements: Sequence[str], *, dialect: str, account: str = ""
    ) -> list[GoldenRecordWarning | None]:
        """Return one warning or ``None`` for each statement of this account."""
        if self.mode == "off":
            return [None] * len(statements)
        parsers = parser_dialect(dialect)
        if parsers is None:
            return [_not_checked(f"the dialect {dialect!r} is not known")] * len(statements)
        call = _Call(account, wait_s=self._longest_wait_s)
        return [await self._checked(sql, dialect=parsers, call=call) for sql in statements]

    def refuses(self, warning: GoldenRecordWarning | None) -> bool:
        """Whether a record with this warning must not be stored."""
        wrong = {GoldenRecordWarningCode.SQL_SYNTAX, GoldenRecordWarningCode.SQL_NOT_ONE_QUERY}
        return self.mode == "strict" and warning is not None and warning.code in wrong

    async def close(self) -> None:
        """End the process at once; its waiting callers get a failure."""
        first = self._parser
        _kill(first)
        await self._turns.take(_END, even_if_full=True)
        try:
            parser, self._parser = self._parser, None
            if parser is not first:  # a second kill of the same would take its exit code from the event loop
                _kill(parser)
            if parser is not None:
                await parser.communicate()  # until its pipes are closed, too
        finally:
            self._turns.give_back(_END)

    async def _checked(self, sql: str, *, dialect: str, call: _Call) -> GoldenRecordWarning | None:
        if len(sql) > LONGEST_SQL:
            return _not_checked(f"it is longer than {LONGEST_SQL} characters")
        name = _digest(sql, dialect)
        try:
            await self._admit(name, call)
            # A turn is for one statement, so that a small call need not wait for a large one.
            await self._take_turn(call)
            try:
                await self._admit(name, call)  # another call may have found it out meanwhile
                return await self._warning(sql, dialect=dialect, account=call.account)
            finally:
                self._turns.give_back(call.account)
        except NotAskedError as refused:
            return _not_checked(str(refused))
        except ParserLostError as gone:
            self._spend(call.account, SLOWEST_S)
            if isinstance(gone, TooSlowError):
                self._too_slow.keep(name, value=True)
            return _not_checked(str(gone))

    async def _admit(self, name: str, call: _Call) -> None:
        if self._too_slow.get(name):
            raise NotAskedError(_TOO_LONG)
        if await self._allowance.is_used_up(call.account):
            raise NotAskedError("others of the same caller took too long; try again in a minute")

    def _spend(self, account: str, spent_s: float) -> None:
        if spent_s > ORDINARY_S:
            self._allowance.spend(account, round(1000 * spent_s))

    async def _take_turn(self, call: _Call) -> None:
        clock = asyncio.get_running_loop().time
        asked_at = clock()
        try:
            async with asyncio.timeout(call.wait_s + ORDINARY_TURN_S if call.wait_s > 0 else 0):
                await self._turns.take(call.account)
        except (TimeoutError, QueueFullError):
            call.wait_s = 0
            raise NotAskedError("the parser is busy with others") from None
        call.wait_s -= max(0.0, clock() - asked_at - ORDINARY_TURN_S)

    async def _warning(self, sql: str, *, dialect: str, account: str) -> GoldenRecordWarning | None:
        try:
            answer = await self._ask(sql, dialect=dialect)
        except asyncio.CancelledError:
            self._drop()  # else its answer would be taken for that of the next statement
            raise
        except (OSError, ValueError):  # it did not start, or its pipes have ended
            raise await self._loss() from None
        self._spend(account, answer["spent_s"])
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

    async def _loss(self) -> ParserLostError:
        parser, self._parser = self._parser, None
        if parser is not None:
            await parser.communicate()  # no kill: it could replace the exit code read below
            if parser.returncode == -signal.SIGPROF:
                return TooSlowError(_TOO_LONG)
        log.warning("the SQL parser ended", exit_code=parser and parser.returncode)
        return ParserLostError("the parser failed")

    def _drop(self) -> None:
        parser, self._parser = self._parser, None
        _kill(parser)


async def _start() -> Process:
    # In a session of its own: an interrupt from the terminal is for the server, and the server ends this.
    script = Path(__file__).with_name("sql_parser.py")
    command = (sys.executable, "-P", str(script))
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
    )


def _kill(parser: Process | None) -> None:
    if parser is not None:
        with suppress(ProcessLookupError):  # it has ended by itself
            parser.kill()


def _not_checked(why: str) -> GoldenRecordWarning:
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_NOT_CHECKED, message=f"The SQL was not checked: {why}."
    )


def _digest(sql: str, dialect: str) -> str:
    return hashlib.sha256(json.dumps([sql, dialect]).encode()).hexdigest()
