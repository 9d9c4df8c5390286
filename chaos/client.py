"""A sane client of all servers.

It asks any server, asks again without an answer, and believes every answer.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx2

from chaos.ledger import Ledger, Told

CREATE_CONNECTION = "mutation ($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"
ADD_RECORDS = "mutation ($input: AddGoldenRecordsInput!) { addGoldenRecords(input: $input) { id } }"
CREATE = "mutation ($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id status } }"
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { id status } }"

CANCEL_MANY = """
mutation ($ids: [ID!]) {
  cancelFinetunings(finetuningIds: $ids) { results { outcome finetuning { id status } } }
}
"""

SILENCE = (httpx2.TransportError, AttributeError)
"""No answer; anyio raises the second one if a new connection is lost immediately."""

RETRY_S = (0.05, 0.4)
SHARE_CANCELLED = 0.85
SHARE_ASKED_TWICE = 0.2
MANY = 4
LONGEST_LIFE_S = 3.0
RETRIED = {"STORE_UNAVAILABLE"}
TOO_LATE = "FINETUNING_NOT_CANCELLABLE"

Answer = tuple[str | None, dict[str, Any]]
"""The code of an error, ``None`` for data, and the error's details or the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client with its own chance; every answer goes into the ledger."""

    http: httpx2.AsyncClient
    servers: Sequence[str]
    ledger: Ledger
    random: Random
    name: str

    async def connection(self) -> str:
        """Store a connection with ten golden records and return its id."""
        described = {"alias": "library", "dialect": "postgres", "tableSchemas": ["CREATE TABLE a (id int)"]}
        _, connection = await self._ask(CREATE_CONNECTION, input=described)
        records = [{"promptText": f"Author {number}?", "sql": f"SELECT {number}"} for number in range(10)]
        await self._ask(ADD_RECORDS, input={"dbConnectionId": connection["id"], "goldenRecords": records})
        return str(connection["id"])

    async def live(self, connection: str) -> None:
        """Create finetunings and cancel most of them at some moment, as long as the storm lasts."""
        number = 0
        while True:
            number += 1
            finetuning_id = await self.create(connection, key=f"{self.name}-{number}")
            # The first moment, before the job is there, is the more interesting one: so the square.
            await asyncio.sleep(LONGEST_LIFE_S * self.random.random() ** 2)
            wants, twice = self.random.random() < SHARE_CANCELLED, self.random.random() < SHARE_ASKED_TWICE
            if finetuning_id and wants:
                await asyncio.gather(*[self.cancel(finetuning_id) for _ in range(1 + twice)])

    async def create(self, connection: str, *, key: str) -> str | None:
        """Create a finetuning and return its id, if the answer is as it should be."""
        parameters = {"modelParameters": {"nEpochs": 1}}
        chosen = {"dbConnectionId": connection, "idempotencyKey": key, "baseLlm": parameters}
        code, answer = await self._ask(CREATE, input=chosen)
        if code is not None:
            self.ledger.surprises[f"create: {code} {answer}"] += 1
            return None
        self.ledger.creates.add(answer["id"])
        return str(answer["id"])

    async def cancel(self, finetuning_id: str) -> None:
        """Cancel the finetuning, by GraphQL or REST, or in one batch with others not cancelled yet."""
        await self.random.choice([self._cancel_one, self._cancel_by_rest, self._cancel_many])(finetuning_id)

    async def _cancel_one(self, finetuning_id: str) -> None:
        code, answer = await self._ask(CANCEL, id=finetuning_id)
        self._note_cancel(finetuning_id, code, answer, status=answer.get("status"))

    async def _cancel_by_rest(self, finetuning_id: str) -> None:
        code, answer = await self._retry(lambda server: self._rest(server, finetuning_id))
        self._note_cancel(
            finetuning_id, code, answer, status=answer.get("finetuning_status", answer.get("status"))
        )

    async def _cancel_many(self, finetuning_id: str) -> None:
        others = sorted(self.ledger.wanted - {finetuning_id})
        ids = [finetuning_id, *self.random.sample(others, k=min(MANY - 1, len(others)))]
        code, answer = await self._ask(CANCEL_MANY, ids=ids)
        results = answer.get("results", [{}] * len(ids))
        for each, result in zip(ids, results, strict=True):
            late = TOO_LATE if result.get("outcome") == "NOT_CANCELLABLE" else None
            status = (result.get("finetuning") or {}).get("status")
            self._note_cancel(each, code or late, result or answer, status=status)

    def _note_cancel(self, finetuning_id: str, code: str | None, answer: Any, *, status: str | None) -> None:
        if code not in {None, TOO_LATE} or status is None:
            self.ledger.surprises[f"cancel: {code} {answer}"] += 1
            return
        told = Told(
            finetuning_id=finetuning_id, status=status.lower(), at=time.time(), too_late=code == TOO_LATE
        )
        self.ledger.cancels.append(told)

    async def _ask(self, query: str, **variables: object) -> Answer:
        return await self._retry(lambda server: self._graphql(server, query, variables))

    async def _retry(self, ask: Any) -> Answer:
        """Ask one server after another; return the first answer."""
        while True:
            try:
                code, answer = await ask(self.random.choice(self.servers))
            except SILENCE as silence:
                self.ledger.retries[type(silence).__name__] += 1
            else:
                if code not in RETRIED:
                    return code, answer
                self.ledger.retries[code] += 1
            await asyncio.sleep(self.random.uniform(*RETRY_S))

    async def _graphql(self, server: str, query: str, variables: dict[str, object]) -> Answer:
        body = {"query": query, "variables": variables}
        answer = (await self.http.post(f"{server}/graphql", json=body)).json()
        if "errors" in answer:
            details = answer["errors"][0].get("extensions", {})
            return details.get("code", "UNKNOWN"), details
        (data,) = answer["data"].values()
        return None, data if isinstance(data, dict) else {}

    async def _rest(self, server: str, finetuning_id: str) -> Answer:
        response = await self.http.post(f"{server}/api/v1/finetunings/{finetuning_id}/cancel", json={})
        answer = response.json()
        return (None if response.status_code in {200, 202} else answer["code"]), answer
