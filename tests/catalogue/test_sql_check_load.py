"""What the check of golden records' SQL costs the others, whatever one caller sends."""

import asyncio
import os
import resource
import signal
from collections.abc import Sequence
from typing import Self

from graphql_api.catalogue.parser_process import Answers, ParserProcess
from graphql_api.catalogue.sql_check import MOST_IN_A_TURN, SqlCheck
from tests.catalogue.test_sql_check import SLOW_CALLS, children, endless
from tests.rated import Time


def spent_s() -> float:
    """Return the processor time of the ended children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Recorded(ParserProcess):
    """A parser that knows the dialect, and keeps what it is asked for."""

    asked: list[Sequence[str]]

    @classmethod
    async def start(cls) -> Self:
        """Start one."""
        parser = await super().start()
        parser.asked = []
        await parser.ask(["SELECT 1"], dialect="postgres")
        parser.asked.clear()
        return parser

    async def ask(self, statements: Sequence[str], *, dialect: str) -> Answers:
        """Keep them, and ask."""
        self.asked.append(statements)
        return await super().ask(statements, dialect=dialect)


async def test_a_call_alone_asks_for_fifty_statements_at_a_time(sql_check: SqlCheck) -> None:
    """A turn may end sooner, by the parser's time; none of them is left out or asked twice."""
    sql_check._parser = parser = await Recorded.start()
    statements = [f"SELECT {n}" if n % 3 else f"DROP TABLE a{n}" for n in range(333)]
    found = await sql_check.warnings(statements, dialect="postgres")
    assert [one is None for one in found] == [bool(n % 3) for n in range(333)]
    assert max(len(one) for one in parser.asked) == 50
    assert len(parser.asked) < 100


async def test_the_statements_of_a_turn_have_a_bound_on_their_length(sql_check: SqlCheck) -> None:
    """That of the longest statement that is parsed at all: so many characters at most."""
    sql_check._parser = parser = await Recorded.start()
    half = f"SELECT '{'a' * 9_000}'"
    assert await sql_check.warnings([half] * 5, dialect="postgres") == [None] * 5
    assert [len(one) for one in parser.asked] == [2, 2, 1]


async def test_accounts_with_much_to_check_take_turns(sql_check: SqlCheck) -> None:
    """They go on side by side, and no turn is long."""
    sql_check._parser = parser = await Recorded.start()
    calls = [
        sql_check.warnings([f"SELECT '{name}'"] * 200, dialect="postgres", account=name) for name in "ab"
    ]
    assert await asyncio.gather(*calls) == [[None] * 200] * 2
    assert [{*turn} for turn in parser.asked[:8]] == [{"SELECT 'a'"}, {"SELECT 'b'"}] * 4
    assert max(map(len, parser.asked)) == MOST_IN_A_TURN


async def test_others_have_their_turn_while_much_is_checked(sql_check: SqlCheck) -> None:
    """The event loop goes on, and a small call does not wait for the whole of a large one."""
    finished = list[str]()

    async def checking(name: str, statements: list[str]) -> None:
        await sql_check.warnings(statements, dialect="postgres")
        finished.append(name)

    large = asyncio.create_task(checking("large", ["SELECT 1"] * 200))
    await asyncio.sleep(0)
    await asyncio.gather(large, checking("small", ["SELECT 1"]))
    assert finished == ["small", "large"]


async def test_one_process_serves_all_calls(sql_check: SqlCheck) -> None:
    """So that many large calls do not take all processors from the server; closing ends it."""
    before = children()
    await asyncio.gather(*(sql_check.warnings(["SELECT 1"] * 60, dialect="postgres") for _ in range(4)))
    assert len(children() - before) == 1
    await sql_check.close()
    assert children() == before


async def test_an_account_may_take_too_long_for_six_seconds_a_minute() -> None:
    """Three times; the rest of its statements are left unchecked in each of its calls, others' are not."""
    time = Time()
    check = SqlCheck(now=time.now)
    slow = [endless(call) for call in SLOW_CALLS]
    found = await check.warnings([*slow, "SELECT 1", endless("CHAR(")], dialect="duckdb", account="eve")
    late = "it takes too long to parse"
    left = "others of the same caller took too long; try again in a minute"
    told = [one and one.message for one in found]
    assert told == [f"The SQL was not checked: {why}." for why in [late] * 3 + [left] * 2]
    (again,) = await check.warnings(["SELECT 1"], dialect="postgres", account="eve")
    assert again is not None
    assert again.message == f"The SQL was not checked: {left}."
    assert await check.warnings(["SELECT 1"], dialect="postgres", account="ada") == [None]
    time.pass_by(120)
    assert await check.warnings(["SELECT 1"], dialect="postgres", account="eve") == [None]
    await check.close()


async def test_ten_requests_of_one_account_cost_three_parsers() -> None:
    """Not thirty: another account's record waits for one of them, and is checked."""
    check, before_s = SqlCheck(now=Time().now, longest_wait_s=60), spent_s()
    bombs = [[endless(call + " " * n) for call in SLOW_CALLS] for n in range(10)]
    calls = [asyncio.create_task(check.warnings(one, dialect="duckdb", account="eve")) for one in bombs]
    await asyncio.sleep(0)
    assert await check.warnings(["SELECT 1"], dialect="postgres", account="ada") == [None]
    assert not any(call.done() for call in calls)
    found = [one and one.message for warnings in await asyncio.gather(*calls) for one in warnings]
    await check.close()
    assert found.count("The SQL was not checked: it takes too long to parse.") == 3
    assert len(found) == 30
    assert 5 < spent_s() - before_s < 12  # three times two seconds, and some starts of the parser


async def test_ordinary_statements_cost_no_allowance(sql_check: SqlCheck) -> None:
    """However many there are: only a slow one counts, by its processor time."""
    await sql_check.warnings(["SELECT 1"], dialect="postgres", account="first")  # loads the dialect
    ordinary = f"SELECT {', '.join(map(str, range(50)))}"
    assert await sql_check.warnings([ordinary] * 200, dialect="postgres", account="ada") == [None] * 200
    allowance = sql_check._allowance
    assert (await allowance._counts.get_sliding_window(allowance.limit.key_for("ada"), 60))[2] == 0
    sql_check._spend("ada", 0.1)
    assert not await sql_check._allowance.is_used_up("ada")
    sql_check._spend("ada", 6.0)
    assert await sql_check._allowance.is_used_up("ada")
    (left,) = await sql_check.warnings(["SELECT 1"], dialect="postgres", account="ada")
    assert left is not None


async def test_what_took_too_long_is_not_asked_again(sql_check: SqlCheck) -> None:
    """Neither by the same call nor by another: one parser is lost, and the next one stays."""
    before = children()
    late = "The SQL was not checked: it takes too long to parse."
    first = await sql_check.warnings([endless()] * 5 + ["SELECT 1"], dialect="postgres")
    parser = children() - before
    second = await sql_check.warnings([endless()] * 5 + ["SELECT 1"], dialect="postgres")
    told = [[one and one.message for one in found] for found in (first, second)]
    assert told == [[late] * 5 + [None]] * 2
    assert children() - before == parser
    assert len(parser) == 1


async def test_a_call_waits_for_others_two_seconds_in_all(sql_check: SqlCheck) -> None:
    """Behind a parser that answers nobody, a call of many records is done all the same, unchecked."""
    before = children()
    await sql_check.warnings(["SELECT 1"], dialect="postgres")
    (pid,) = children() - before
    os.kill(pid, signal.SIGSTOP)
    stuck = asyncio.create_task(sql_check.warnings(["SELECT 2"], dialect="postgres"))
    await asyncio.sleep(0)  # it has its turn by then
    started = asyncio.get_running_loop().time()
    found = await sql_check.warnings(["SELECT 3"] * 1000, dialect="postgres")
    took_s = asyncio.get_running_loop().time() - started
    assert not stuck.done()
    assert {one and one.message for one in found} == {
        "The SQL was not checked: the parser is busy with others."
    }
    assert 2 <= took_s < 60  # each record's own wait would make half an hour
    os.kill(pid, signal.SIGCONT)
    assert await stuck == [None]
    assert await sql_check.warnings(["SELECT 3"], dialect="postgres") == [None]


async def test_one_clients_slow_statements_do_not_hold_up_another(sql_check: SqlCheck) -> None:
    """Its record is done while the first ones are still being parsed, one after the other."""
    finished = list[str]()

    async def checking(name: str, statements: list[str]) -> None:
        await sql_check.warnings(statements, dialect="duckdb", account=name)
        finished.append(name)

    slow = [checking("slow", [endless(call + " " * n) for call in SLOW_CALLS]) for n in range(3)]
    tasks = [asyncio.create_task(one) for one in slow]
    await asyncio.sleep(0)
    await checking("other", ["SELECT 1"])
    assert finished == ["other"]
    await asyncio.gather(*tasks)


async def test_the_same_slow_statement_of_two_calls_is_parsed_once() -> None:
    """The second call waits for the first one's turn, and needs none of its own any more."""
    check, before_s = SqlCheck(longest_wait_s=60), spent_s()
    found = await asyncio.gather(*(check.warnings([endless()], dialect="postgres") for _ in range(2)))
    await check.close()
    late = "The SQL was not checked: it takes too long to parse."
    assert [[one and one.message for one in warnings] for warnings in found] == [[late], [late]]
    assert 1 < spent_s() - before_s < 3  # two seconds each
