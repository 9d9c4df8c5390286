"""The effect of each kind of fault on a call."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.responses import Response

from graphql_api.sandbox import tcp
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.exchange import Exchange
from graphql_api.sandbox.faults import Fault, FaultKind, Lie
from graphql_api.sandbox.stand_in import Json

Wait = Coroutine[Any, Any, object]

DRIP_INTERVAL_S = 0.02

GOODBYE_S = 0.01
"""A released call waits this long, in real time, for the news of a client that has just given up."""


async def misbehave(exchange: Exchange, fault: Fault) -> None:
    """Handle the call as the fault says."""
    exchange.call.fault = fault.kind.value
    await _BEHAVIOURS[fault.kind](exchange, fault)


async def _reset(exchange: Exchange, fault: Fault) -> None:
    if fault.applied:
        await exchange.apply()
    await tcp.reset(exchange.scope, exchange.receive)


async def _cut(exchange: Exchange, _: Fault) -> None:
    response = await exchange.apply()
    await _start(exchange, response)
    await _write(exchange, _half(response))
    await tcp.close(exchange.scope, exchange.receive)


async def _status(exchange: Exchange, fault: Fault) -> None:
    if fault.applied:
        await exchange.apply()
    error = ApiError(fault.message, status=fault.status, kind=_error_kind(fault), code=fault.code)
    wait_s = fault.retry_after_s
    headers = {} if wait_s is None else {"retry-after": f"{wait_s:g}"}
    await exchange.reply(error.response(headers=headers))


async def _hang(exchange: Exchange, fault: Fault) -> None:
    response = await exchange.apply() if fault.applied else None
    ends: list[Wait] = [exchange.sandbox.faults.released.wait()]
    if fault.seconds is not None:
        ends.append(exchange.sandbox.account.clock.sleep(fault.seconds))
    if not await _is_gone_before(exchange, _first_of(*ends)) and not await _is_gone_before(
        exchange, _goodbye()
    ):
        await exchange.reply(response or await exchange.apply())


async def _delay(exchange: Exchange, fault: Fault) -> None:
    await exchange.sandbox.account.clock.sleep(fault.seconds or 0)
    await exchange.reply(await exchange.apply())


async def _truncated(exchange: Exchange, _: Fault) -> None:
    response = await exchange.apply()
    half = Response(_half(response), status_code=response.status_code, media_type=response.media_type)
    await exchange.reply(half)


async def _lie(exchange: Exchange, fault: Fault) -> None:
    if fault.applied:
        await exchange.apply()
    await exchange.reply(_lies(fault.lie, stranger=exchange.sandbox.account.stranger()))


async def _drip(exchange: Exchange, fault: Fault) -> None:
    response = await exchange.apply()
    await _start(exchange, response)
    interval_s = DRIP_INTERVAL_S if fault.seconds is None else fault.seconds
    dripping = _write_slowly(exchange, bytes(response.body), interval_s=interval_s)
    await _is_gone_before(exchange, dripping)


async def _finish_first(exchange: Exchange, fault: Fault) -> None:
    exchange.sandbox.account.finish(exchange.call.ids.get("job_id"), outcome=fault.outcome)
    exchange.sandbox.save()  # a status shown by a look or a refused cancel is never taken back
    await exchange.reply(await exchange.apply())


_BEHAVIOURS: dict[FaultKind, Callable[[Exchange, Fault], Awaitable[None]]] = {
    FaultKind.RESET: _reset,
    FaultKind.CUT: _cut,
    FaultKind.STATUS: _status,
    FaultKind.HANG: _hang,
    FaultKind.DELAY: _delay,
    FaultKind.TRUNCATED: _truncated,
    FaultKind.LIE: _lie,
    FaultKind.DRIP: _drip,
    FaultKind.FINISH_FIRST: _finish_first,
}


def _lies(lie: Lie, *, stranger: Json) -> Response:
    if lie is Lie.HTML:
        return Response(
            "<!doctype html><title>Welcome to the hotel's network</title>", media_type="text/html"
        )
    bodies: dict[Lie, Any] = {
        Lie.EMPTY: {},
        Lie.LIST: [],
        Lie.NULL: None,
        Lie.OTHER_JOB: stranger,
    }
    return Response(json.dumps(bodies[lie]), media_type="application/json")


def _error_kind(fault: Fault) -> str:
    if fault.code == "insufficient_quota":
        return "insufficient_quota"
    if fault.status == 429:
        return "requests"
    return "server_error" if fault.status >= 500 else "invalid_request_error"


async def _start(exchange: Exchange, response: Response) -> None:
    exchange.call.status = response.status_code
    await exchange.send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )


async def _write(exchange: Exchange, body: bytes, *, more_body: bool = True) -> None:
    await exchange.send({"type": "http.response.body", "body": body, "more_body": more_body})


async def _write_slowly(exchange: Exchange, body: bytes, *, interval_s: float) -> None:
    for byte in body:
        await _write(exchange, bytes([byte]))
        await asyncio.sleep(interval_s)
    await _write(exchange, b"", more_body=False)


def _half(response: Response) -> bytes:
    return bytes(response.body)[: len(response.body) // 2]


def _goodbye() -> Wait:
    return asyncio.sleep(GOODBYE_S)


async def _is_gone_before(exchange: Exchange, end: Wait) -> bool:
    return await _first_of(tcp.wait_until_gone(exchange.receive), end) == 0


async def _first_of(*waits: Wait) -> int:
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    first = next(number for number, task in enumerate(tasks) if task.done())
    tasks[first].result()
    return first
