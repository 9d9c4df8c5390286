"""Checks golden records' SQL: one query in the connection's dialect.

The parser is lenient and no authority: its refusal is only a warning, except in the operator's strict mode.
SQL in an unknown dialect, or too slow to parse, gets a warning about the missing check.
"""

import asyncio
import hashlib
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, Literal

import structlog

from graphql_api.bounded_cache import BoundedCache
from graphql_api.catalogue.dialects import parser_dialect
from graphql_api.catalogue.parser_process import Answers, ParserProcess
from graphql_api.catalogue.turns import QueueFullError, Turns
from graphql_api.documents import GoldenRecordWarning, GoldenRecordWarningCode
from graphql_api.rate_limits import Budget, Counts

log = structlog.get_logger(__name__)

SqlCheckMode = Literal["off", "warn", "strict"]

LONGEST_SQL = 20_000
"""The most characters of SQL to parse: people's queries are shorter, and slow ones are long."""

MOST_IN_A_TURN = 50
MOST_CHARACTERS_IN_A_TURN = LONGEST_SQL
"""How much the parser is asked for at a time while no other account waits for it; else for one statement."""

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

_END = "the end"
"""The account of the closing, which no caller has."""

_TOO_LONG = "it takes too long to parse"


class NotAskedError(Exception):
    """The parser is not to be asked; the message says why."""


@dataclass(slots=True)
class _Call:
    """One call's account and dialect, and what is left to the call of the time to wait for others."""

    account: str
    dialect: str
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
        self._parser: ParserProcess | None = None
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
        call = _Call(account, parsers, wait_s=self._longest_wait_s)
        found = list[GoldenRecordWarning | None]()
        while len(found) < len(statements):
            found += await self._checked(statements, start=len(found), call=call)
        return found

    def refuses(self, warning: GoldenRecordWarning | None) -> bool:
        """Whether a record with this warning must not be stored."""
        wrong = {GoldenRecordWarningCode.SQL_SYNTAX, GoldenRecordWarningCode.SQL_NOT_ONE_QUERY}
        return self.mode == "strict" and warning is not None and warning.code in wrong

    async def close(self) -> None:
        """End the process at once; its waiting callers get a failure."""
        first = self._parser
        if first is not None:
            first.kill()
        await self._turns.take(_END, even_if_full=True)
        try:
            parser, self._parser = self._parser, None
            if parser is not None:
                # A second kill of the same would take its exit code from the event loop.
                if parser is not first:
                    parser.kill()
                await parser.exit_code()
        finally:
            self._turns.give_back(_END)

    async def _checked(
        self, statements: Sequence[str], *, start: int, call: _Call
    ) -> list[GoldenRecordWarning | None]:
        """Return the warnings of one or more statements from ``start`` on."""
        first = statements[start]
        if len(first) > LONGEST_SQL:
            return [_not_checked(f"it is longer than {LONGEST_SQL} characters")]
        try:
            await self._admit(first, call)
            await self._take_turn(call)
            try:
                await self._admit(first, call)  # another call may have found it out meanwhile
                return await self._asked(list(self._together(statements, start=start, call=call)), call)
            finally:
                self._turns.give_back(call.account)
        except NotAskedError as refused:
            return [_not_checked(str(refused))]

    async def _admit(self, sql: str, call: _Call) -> None:
        if self._is_too_slow(sql, call):
            raise NotAskedError(_TOO_LONG)
        if await self._allowance.is_used_up(call.account):
            raise NotAskedError("others of the same caller took too long; try again in a minute")

    def _is_too_slow(self, sql: str, call: _Call) -> bool:
        return bool(len(self._too_slow) and self._too_slow.get(_digest(sql, call.dialect)))

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

    def _together(self, statements: Sequence[str], *, start: int, call: _Call) -> Iterator[str]:
        """Yield the statements of one turn; the parser ends it after a short time, because others wait."""
        characters = 0
        for sql in islice(statements, start, start + MOST_IN_A_TURN):
            characters += len(sql)
            if characters > MOST_CHARACTERS_IN_A_TURN or self._is_too_slow(sql, call):
                return
            yield sql

    async def _asked(self, statements: Sequence[str], call: _Call) -> list[GoldenRecordWarning | None]:
        answers = await self._answers(statements, dialect=call.dialect)
        found = [self._warning(answer, call) for answer in answers.given]
        if answers.has_ended:
            found.append(await self._loss(statements[len(found)], call))
        return found

    async def _answers(self, statements: Sequence[str], *, dialect: str) -> Answers:
        try:
            if self._parser is None or not self._parser.is_running:
                self._drop()
                self._parser = await ParserProcess.start()
            return await self._parser.ask(statements, dialect=dialect)
        except asyncio.CancelledError:
            self._drop()  # else its answer would be taken for that of the next statement
            raise
        except OSError:  # it did not start
            return Answers([], has_ended=True)

    def _warning(self, answer: dict[str, Any], call: _Call) -> GoldenRecordWarning | None:
        self._spend(call.account, answer["spent_s"])
        if answer["failure"] is not None:
            log.warning("the SQL parser failed", error=answer["failure"])
        return answer["warning"] and GoldenRecordWarning(**answer["warning"])

    async def _loss(self, sql: str, call: _Call) -> GoldenRecordWarning:
        """Return the warning for the statement with which the parser ended."""
        parser, self._parser = self._parser, None
        if parser is None:  # it did not start, which costs the caller nothing
            log.warning("the SQL parser did not start")
            return _not_checked("the parser failed")
        exit_code = await parser.exit_code()
        self._spend(call.account, SLOWEST_S)
        if exit_code == -signal.SIGPROF:
            self._too_slow.keep(_digest(sql, call.dialect), value=True)
            return _not_checked(_TOO_LONG)
        log.warning("the SQL parser ended", exit_code=exit_code)
        return _not_checked("the parser failed")

    def _drop(self) -> None:
        parser, self._parser = self._parser, None
        if parser is not None:
            parser.drop()


def _not_checked(why: str) -> GoldenRecordWarning:
    return GoldenRecordWarning(
        code=GoldenRecordWarningCode.SQL_NOT_CHECKED, message=f"The SQL was not checked: {why}."
    )


def _digest(sql: str, dialect: str) -> str:
    return hashlib.sha256(json.dumps([sql, dialect]).encode()).hexdigest()
