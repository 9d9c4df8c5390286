"""The log of calls: one line for each, however it ends."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from structlog.testing import capture_logs

from graphql_api.audit.attempts import Attempt, named
from graphql_api.audit.call_log import MOST_SHOWN, logged
from graphql_api.caller import Caller
from graphql_api.documents import AuditTargetKind
from graphql_api.errors import FinetuningNotFoundError

ID = "65f0c0ffee65f0c0ffee65f0"
CALLER = Caller(tenant="acme", subject="ann", credential_id="key-1", address="192.0.2.1")


def attempt(*ids: str) -> Attempt:
    """Return an attempt on these finetunings."""
    targets = named([(AuditTargetKind.FINETUNING, one) for one in ids])
    return Attempt(action="cancelFinetuning", caller=CALLER, request_id="r", targets=targets)


async def line_of(doing: Awaitable[Any], *, about: Attempt | None = None, **given: Any) -> dict[str, Any]:
    """Return the one line of the call, without its duration."""
    with capture_logs() as lines:
        await logged(about or attempt(ID), doing, **given)
    (line,) = lines
    assert line.pop("duration_ms") >= 0
    return dict(line)


async def nothing() -> None:
    """Do nothing."""


async def test_a_call_says_who_did_what() -> None:
    """With the ids of the documents, the caller's address and credential, and the request's id."""
    assert await line_of(nothing()) == {
        "event": "call",
        "log_level": "info",
        "action": "cancelFinetuning",
        "tenant": "acme",
        "subject": "ann",
        "credential": "key-1",
        "address": "192.0.2.1",
        "request_id": "r",
        "targets": [f"finetuning:{ID}"],
        "target_count": 1,
        "outcome": "allowed",
        "code": None,
        "is_dry_run": False,
    }


@pytest.mark.parametrize(
    ("problem", "outcome", "code"),
    [
        (FinetuningNotFoundError(ID), "refused", "FINETUNING_NOT_FOUND"),
        (RuntimeError("sk-secret"), "unknown", "INTERNAL_SERVER_ERROR"),
        (asyncio.CancelledError(), "unknown", "INTERRUPTED"),
    ],
)
async def test_a_call_that_fails_says_how(problem: BaseException, outcome: str, code: str) -> None:
    """The error goes on, and none of its words are in the line."""

    async def fail() -> None:
        raise problem

    with capture_logs() as lines, pytest.raises(type(problem)):
        await logged(attempt(ID), fail())
    (line,) = lines
    assert (line["outcome"], line["code"]) == (outcome, code)
    assert "sk-secret" not in repr(line)


async def test_a_long_list_is_cut_and_counted() -> None:
    """Each finetuning that changes has a line of its own."""
    ids = [f"{n:024x}" for n in range(100)]
    line = await line_of(nothing(), about=attempt(*ids), is_dry_run=True)
    assert (len(line["targets"]), line["target_count"], line["is_dry_run"]) == (MOST_SHOWN, 100, True)
