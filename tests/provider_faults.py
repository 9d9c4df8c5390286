"""The faults of a provider call, by the knowledge afterwards."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from graphql_api.sandbox.faults import Fault, FaultKind, Lie


def _status(status: int, *, code: str | None = None) -> Fault:
    return Fault(kind=FaultKind.STATUS, status=status, code=code)


REFUSED_FOR_NOW = {"429": _status(429), "401": _status(401), "403": _status(403)}
"""Nothing happened, and the same request may pass later."""

REFUSED = {
    "400": _status(400),
    "404": _status(404),
    "422": _status(422),
    "quota": _status(429, code="insufficient_quota"),
}
"""Nothing happened, and the same request will never pass."""

LOST = {
    "reset": Fault(kind=FaultKind.RESET),
    "409": _status(409),
    "500": _status(500),
    "empty": Fault(kind=FaultKind.LIE, lie=Lie.EMPTY),
    "html": Fault(kind=FaultKind.LIE, lie=Lie.HTML),
}
"""The outcome is unknown; in truth nothing happened."""

LOST_BUT_APPLIED = {
    "cut": Fault(kind=FaultKind.CUT),
    "truncated": Fault(kind=FaultKind.TRUNCATED),
    **{name: replace(fault, applied=True) for name, fault in LOST.items()},
}
"""The outcome is unknown; in truth the request was carried out."""

SILENT = {
    "hang": Fault(kind=FaultKind.HANG, applied=True),
    "drip": Fault(kind=FaultKind.DRIP, seconds=0.1),
    "delay": Fault(kind=FaultKind.DELAY, seconds=20),
}
"""No whole answer comes in time; the request is carried out, the delayed one only later."""

UNANSWERED = LOST | {"429": _status(429), "401": _status(401), "400": _status(400)}
"""The faults in the way of a question's answer."""


def each(faults: Mapping[str, Fault]) -> pytest.MarkDecorator:
    """Give a test each of the faults as ``fault``."""
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


def at(operation: str, fault: Fault, *, times: int | None = 1) -> Fault:
    """Return the fault for the next ``times`` calls of this operation."""
    return replace(fault, operation=operation, times=times)
