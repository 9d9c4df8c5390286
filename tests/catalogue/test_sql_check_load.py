"""What the check of golden records' SQL costs the others, whatever one caller sends."""

import asyncio
import os
import resource
import signal

from graphql_api.catalogue.sql_check import SqlCheck
from tests.catalogue.test_sql_check import SLOW_CALLS, children, endless


def spent_s() -> float:
    """Return the processor time of the ended children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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


async def test_a_call_may_take_too_long_three_times(sql_check: SqlCheck) -> None:
    """Its others are left unchecked then; the next call is checked."""
    slow = [endless(call) for call in SLOW_CALLS]
    found = await sql_check.warnings([*slow, "SELECT 1", "SELECT 1"], dialect="duckdb")
    late, left = "it takes too long to parse", "others of the same call took too long"
    told = [one and one.message for one in found]
    assert told == [f"The SQL was not checked: {why}." for why in [late] * 3 + [left] * 2]
    assert await sql_check.warnings(["SELECT 1"], dialect="postgres") == [None]


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
        await sql_check.warnings(statements, dialect="duckdb")
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
