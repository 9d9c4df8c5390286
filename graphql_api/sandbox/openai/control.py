"""The sandbox's controls over HTTP: faults, calls, the clock."""

from dataclasses import asdict
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphql_api.sandbox.openai.clock import ManualClock
from graphql_api.sandbox.openai.errors import ApiError
from graphql_api.sandbox.openai.faults import Fault
from graphql_api.sandbox.openai.sandbox import Sandbox

Kind = TypeVar("Kind")

BANNER = {
    "name": "OpenAI sandbox",
    "message": "A stand-in for OpenAI's fine-tuning API. No training happens in it.",
}


def control_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes under ``/sandbox``."""

    async def banner(_: Request) -> Response:
        return JSONResponse(BANNER | {"jobs": len(sandbox.account.jobs()), "calls_seen": sandbox.calls.seen})

    async def add_fault(request: Request) -> Response:
        fault = _validated(Fault, await request.body())
        sandbox.faults.add(fault)
        return JSONResponse(asdict(fault), status_code=201)

    async def clear_faults(_: Request) -> Response:
        sandbox.faults.clear()
        return Response(status_code=204)

    async def list_calls(request: Request) -> Response:
        operation = request.query_params.get("operation")
        return JSONResponse([asdict(call) for call in sandbox.calls.find(operation)])

    async def move_clock(request: Request) -> Response:
        clock = sandbox.account.clock
        if not isinstance(clock, ManualClock):
            raise ApiError("This sandbox runs on the system's clock.", status=409)
        clock.advance(_validated(dict[str, float], await request.body()).get("advance_s", 0))
        return JSONResponse({"now": clock.now()})

    return [
        Route("/sandbox", banner),
        Route("/sandbox/faults", add_fault, methods=["POST"]),
        Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
        Route("/sandbox/calls", list_calls),
        Route("/sandbox/clock", move_clock, methods=["POST"]),
    ]


def _validated(kind: type[Kind], body: bytes) -> Kind:
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        raise ApiError(str(error)) from error
