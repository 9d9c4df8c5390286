"""One trial: load on a MongoDB that stands still.

It records the answer of each request, and the server's health afterwards.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from chaos.stalls.stage import POLL_S, Halt, Served

READS = """{
  a: finetunings(first: 5) { nodes { id status } }
  b: goldenRecords(first: 5) { nodes { id } }
  c: dbConnections(first: 5) { nodes { id } }
}"""
SEARCHES = " ".join(
    f's{number}: goldenRecords(first: 1, filter: {{text: "no record has {number}"}}) {{ nodes {{ id }} }}'
    for number in range(100)
)
CONNECT = "mutation ($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"
ADD = "mutation ($input: AddGoldenRecordsInput!) { addGoldenRecords(input: $input) { id } }"
CREATE = "mutation ($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id status } }"
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { id status } }"
STATUS = "query ($id: ID!) { finetuning(id: $id) { id status } }"

BATCH = 1_000
"""How many golden records one request may add."""

UNANSWERED = "unanswered"
OK = "ok"
WELL_S = 30.0
"""How long after the stall things may take to be well again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The requests during a stall of MongoDB, and the number of documents stored before."""

    name: str
    stall_s: float
    queries: int = 150
    cancels: int = 10
    query: str = READS
    records: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of a trial; ``ill`` names everything found ill afterwards."""

    trial: Trial
    answers: Counter[str]
    longest_s: float
    ill: Sequence[str]
    errors: Sequence[str]
    exit_code: int | None
    exit_s: float

    @property
    def is_good(self) -> bool:
        """Whether everybody was answered, all was well afterwards, and nothing unexpected was logged."""
        wrong = self.answers[UNANSWERED] or self.ill or self.errors
        return not wrong and self.exit_code == 0


async def attempt(trial: Trial, server: Served, halt: Halt) -> Result:
    """Carry the trial out."""
    client = _Client(server)
    connection = await client.library(trial.records)
    training = [await client.create(connection) for _ in range(trial.cancels + 1)]
    await asyncio.gather(*[client.becomes(one, "RUNNING") for one in training])
    patience_s, began = trial.stall_s + WELL_S, time.monotonic()
    async with halt:
        asked = [client.code(trial.query, patience_s=patience_s) for _ in range(trial.queries)]
        asked += [client.code(CANCEL, patience_s=patience_s, id=one) for one in training[:-1]]
        under_way = asyncio.create_task(_all_of(asked))  # its end may come during the halt
    codes, ended = await under_way
    ill = [name for name, check in _checks(client, connection, training).items() if not await _is_well(check)]
    exit_code, exit_s = await server.stop()
    return Result(
        trial=trial,
        answers=Counter(codes),
        longest_s=ended - began,
        ill=ill,
        errors=server.errors(),
        exit_code=exit_code,
        exit_s=exit_s,
    )


async def _all_of(asked: Sequence[Coroutine[Any, Any, str]]) -> tuple[list[str], float]:
    """Return all answers, and when the last one came."""
    return await asyncio.gather(*asked), time.monotonic()


def _checks(client: "_Client", connection: str, training: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """Return the checks of health; the last finetuning is only cancelled now, the others were before."""

    async def cancels_come_true() -> None:
        # As clients do after a first cancel without an answer.
        await asyncio.gather(*[client.ask(CANCEL, id=one) for one in training[:-1]])
        await asyncio.gather(*[client.becomes(one, "CANCELLED") for one in training])

    async def worker_works() -> None:
        await client.becomes(await client.create(connection), "RUNNING")

    return {
        "livez": lambda: client.get("/livez"),
        "readyz": lambda: client.get("/readyz"),
        "read": lambda: client.ask(READS),
        "cancel": lambda: client.ask(CANCEL, id=training[-1]),
        "cancels": cancels_come_true,
        "worker": worker_works,
    }


async def _is_well(check: Callable[[], Any]) -> bool:
    """Whether it succeeds in time, at the first or a later try."""
    deadline = time.monotonic() + WELL_S
    while time.monotonic() < deadline:
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + WELL_S):
                await check()
        except (TimeoutError, RuntimeError, httpx2.TransportError):
            await asyncio.sleep(POLL_S)
        else:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Client:
    server: Served

    async def code(self, query: str, *, patience_s: float, **variables: object) -> str:
        """Return the code of the answer's first error, or a word for no error or no answer."""
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._answer(query, variables)
        except (TimeoutError, httpx2.TransportError):
            return UNANSWERED
        return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else OK

    async def ask(self, query: str, **variables: object) -> Any:
        """Return the first field of the data; raises ``RuntimeError`` if there are errors."""
        answer = await self._answer(query, variables)
        if "errors" in answer:
            raise RuntimeError(answer["errors"][0]["message"])
        return next(iter(answer["data"].values()))

    async def get(self, path: str) -> None:
        """Raise ``RuntimeError`` if the answer is not 200."""
        response = await self.server.http.get(f"{self.server.url}{path}")
        if response.status_code != 200:
            raise RuntimeError(response.text)

    async def library(self, records: int) -> str:
        """Store a connection with so many golden records, and return its id."""
        described = {"alias": "library", "dialect": "postgres", "tableSchemas": ["CREATE TABLE a (id int)"]}
        connection = str((await self.ask(CONNECT, input=described))["id"])
        for start in range(0, records, BATCH):
            batch = range(start, min(start + BATCH, records))
            given = [{"promptText": f"Author {number}?", "sql": f"SELECT {number}"} for number in batch]
            await self.ask(ADD, input={"dbConnectionId": connection, "goldenRecords": given})
        return connection

    async def create(self, connection: str) -> str:
        """Create a finetuning of the oldest records and return its id."""
        return str((await self.ask(CREATE, input={"dbConnectionId": connection}))["id"])

    async def becomes(self, finetuning_id: str, status: str) -> None:
        """Wait for this status of the finetuning."""
        while (await self.ask(STATUS, id=finetuning_id))["status"] != status:
            await asyncio.sleep(POLL_S)

    async def _answer(self, query: str, variables: dict[str, object]) -> Any:
        body = {"query": query, "variables": variables}
        response = await self.server.http.post(f"{self.server.url}/graphql", json=body)
        return response.json()
