"""The contests: each operation's requests in a round.

Every server gets them. They are checked beforehand.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bson import ObjectId

from benchmarks import operations
from benchmarks.load import Request, send
from benchmarks.processes import ServerProcess
from benchmarks.samples import store_listed, train
from benchmarks.stage import MakeRequest, Stage
from graphql_api.documents import GoldenRecordIds

Requests = list[Request]

READS_OF_EACH = 3
PAGES = 24
CANCELS = 32
AUTHORS = ("actor", "requested_by")
LONGEST_TOLD = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """An operation, and the maker of the ``size`` requests of one server's next round."""

    title: str
    size: int
    requests_for: Callable[[ServerProcess], Awaitable[Requests]]


async def prepare(stage: Stage) -> list[Contest]:
    """Store the operations' documents, check that all servers give equal answers, and return the contests.

    Raises ``RuntimeError`` if any two answers differ.
    """
    ids = await store_listed(stage.database, operations.PAGE + 1)
    one = [partial(operations.read_one, finetuning_id) for finetuning_id in ids]
    await _check_cancels(stage)
    return [
        await _reading(stage, "finetuning(id)", one, times=READS_OF_EACH),
        await _reading(stage, f"finetunings(first: {operations.PAGE})", [operations.read_page], times=PAGES),
        Contest(title="cancelFinetuning", size=CANCELS, requests_for=partial(_cancels, stage, count=CANCELS)),
    ]


async def _reading(stage: Stage, title: str, requests: Sequence[MakeRequest], *, times: int) -> Contest:
    """Return a contest with every answer compared byte for byte with the server's first answer."""
    proven: dict[str, Requests] = {}
    expected: list[bytes] = []
    for rival in stage.rivals:
        asked = [stage.request(rival, make) for make in requests]
        found = (await send(rival.port, asked, concurrency=1, keep=True)).bodies
        expected = expected or found
        _expect_equal(title, expected, found)
        proven[rival.name] = [
            replace(one, proof=proof) for one, proof in zip(asked, found, strict=True)
        ] * times

    async def requests_for(rival: ServerProcess) -> Requests:
        return proven[rival.name]

    return Contest(title=title, size=len(requests) * times, requests_for=requests_for)


async def _cancels(stage: Stage, rival: ServerProcess, *, count: int) -> Requests:
    """Return the cancels of as many finetunings in training at the sandbox, made for this round."""
    ids = await train(stage.database, stage.sandbox, count)
    return [stage.request(rival, partial(operations.cancel, one)) for one in ids]


async def _check_cancels(stage: Stage) -> None:
    """Check that a cancel leaves the same answer and the same fields behind on every server."""
    answers, stored = [], []
    for rival in stage.rivals:
        (finetuning_id,) = await train(stage.database, stage.sandbox, 1)
        request = stage.request(rival, partial(operations.cancel, finetuning_id))
        (body,) = (await send(rival.port, [request], concurrency=1, keep=True)).bodies
        document = await stage.database["finetunings"].find_one({"_id": ObjectId(finetuning_id)})
        answers.append(_anonymous(body, document or {}))
        stored.append(_outline(document))
    for answer, document in zip(answers[1:], stored[1:], strict=True):
        _expect_equal("cancelFinetuning", answers[0], answer)
        _expect_equal("the cancelled document", stored[0], document)


def _anonymous(body: bytes, document: dict[str, Any]) -> bytes:
    """Return the answer without the parts of the single finetuning."""
    for value in (
        document["_id"],
        document["db_connection_id"],
        document["finetuning_job_id"],
        *GoldenRecordIds(document["golden_records"]),
    ):
        body = body.replace(str(value).encode(), b"*")
    return body


def _outline(value: Any) -> Any:
    """Return the fields of a document and their types, without the author's: only a key names one."""
    if isinstance(value, dict):
        return {key: _outline(value[key]) for key in sorted(value) if key not in AUTHORS}
    if isinstance(value, list):
        return [_outline(one) for one in value]
    return type(value).__name__


def _expect_equal(what: str, expected: object, found: object) -> None:
    if found != expected:
        told = "\n".join(repr(one)[:LONGEST_TOLD] for one in (expected, found))
        raise RuntimeError(f"{what}: the servers disagree:\n{told}")
