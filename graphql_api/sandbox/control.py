"""The sandbox's controls over HTTP: faults, calls, the clock.

A page of another site can send a form here, and text, but neither JSON nor a header of its own without asking
first. No such question is answered, so a change wants both.
"""

from dataclasses import asdict
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import Fault
from graphql_api.sandbox.stand_in import StandIn

Kind = TypeVar("Kind")

CONTROL_HEADER = "x-sandbox-control"
"""The header of a change; any value will do."""

LARGEST_BODY_BYTES = 65_536


def control_routes(sandbox: StandIn) -> list[Route]:
    """Return the routes under ``/sandbox``."""

    async def banner(_: Request) -> Response:
        return JSONResponse(
            {
                "name": f"{sandbox.provider} sandbox",
                "message": f"A stand-in for {sandbox.provider}'s fine-tuning API. No training happens in it.",
                "jobs": sandbox.account.count_jobs(),
                "calls_seen": sandbox.calls.seen,
            }
        )

    async def add_fault(request: Request) -> Response:
        fault = _validated(Fault, await _body(request))
        sandbox.faults.add(fault)
        return JSONResponse(asdict(fault), status_code=201)

    async def clear_faults(request: Request) -> Response:
        _refuse_other_sites(request)
        sandbox.faults.clear()
        return Response(status_code=204)

    async def list_calls(request: Request) -> Response:
        operation = request.query_params.get("operation")
        return JSONResponse([asdict(call) for call in sandbox.calls.find(operation)])

    async def move_clock(request: Request) -> Response:
        clock = sandbox.account.clock
        if not isinstance(clock, ManualClock):
            raise ApiError("This sandbox runs on the system's clock.", status=409)
        clock.advance(_validated(dict[str, float], await _body(request)).get("advance_s", 0))
        return JSONResponse({"now": clock.now()})

    return [
        Route("/sandbox", banner),
        Route("/sandbox/faults", add_fault, methods=["POST"]),
        Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
        Route("/sandbox/calls", list_calls),
        Route("/sandbox/clock", move_clock, methods=["POST"]),
    ]


def _refuse_other_sites(request: Request) -> None:
    if CONTROL_HEADER not in request.headers:
        raise ApiError(f"A change needs the header {CONTROL_HEADER}, with any value.", status=403)


async def _body(request: Request) -> bytes:
    """Return the JSON of a change, as its sender calls it."""
    _refuse_other_sites(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError("A change needs the content type application/json.", status=415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY_BYTES:
            raise ApiError(f"A change has at most {LARGEST_BODY_BYTES} bytes.", status=413)
    return bytes(body)


def _validated(kind: type[Kind], body: bytes) -> Kind:
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        raise ApiError(str(error)) from error
