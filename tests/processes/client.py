"""A client of the server over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.processes.patience import DEADLINE_S, eventually

CREATE_CONNECTION = (
    """mutation ($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"""
)
ADD_RECORDS = """mutation ($input: AddGoldenRecordsInput!) { addGoldenRecords(input: $input) { id } }"""
FINETUNING = """
  id alias status error finetuningFileId finetuningJobId modelId metadata
  cancellation { phase requestedAt confirmedAt attempts lastError }
"""
CREATE = f"mutation ($input: CreateFinetuningInput!) {{ createFinetuning(input: $input) {{ {FINETUNING} }} }}"
CANCEL = f"mutation ($id: ID!) {{ cancelFinetuning(finetuningId: $id) {{ {FINETUNING} }} }}"
DELETE = "mutation ($id: ID!) { deleteFinetuning(finetuningId: $id) { phase } }"
READ = f"query ($id: ID!) {{ finetuning(id: $id) {{ {FINETUNING} }} }}"
LIST = f"query {{ finetunings(first: 100) {{ nodes {{ {FINETUNING} }} }} }}"
CONNECTIONS = "query { dbConnections(first: 100) { nodes { alias } } }"

Answer = dict[str, Any]


def http_client() -> httpx2.AsyncClient:
    """Return a client with the patience of these tests, and with room for many answers together."""
    return httpx2.AsyncClient(timeout=DEADLINE_S, trust_env=False, limits=httpx2.Limits())


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks to one server; any error fails the test."""

    http: httpx2.AsyncClient
    url: str

    async def ask(self, query: str, **variables: object) -> Any:
        """Return the one field of the answer's data."""
        body = {"query": query, "variables": variables}
        response = await self.http.post(f"{self.url}/graphql", json=body)
        answer = response.json()
        assert "errors" not in answer, answer
        (field,) = answer["data"].values()
        return field

    async def connection(self) -> str:
        """Store a connection with ten golden records and return its id."""
        described = {
            "alias": "library",
            "dialect": "postgres",
            "tableSchemas": ["CREATE TABLE author (aid int)"],
        }
        connection = await self.ask(CREATE_CONNECTION, input=described)
        records = [{"promptText": f"Author {n}?", "sql": f"SELECT {n}"} for n in range(10)]
        await self.ask(ADD_RECORDS, input={"dbConnectionId": connection["id"], "goldenRecords": records})
        return str(connection["id"])

    async def create(self, connection: str, *, key: str | None = None, account: str | None = None) -> Answer:
        """Create a finetuning of the connection's records, maybe under a provider account."""
        chosen: Mapping[str, str | None] = {
            "dbConnectionId": connection,
            "idempotencyKey": key,
            "providerAccountId": account,
        }
        return await self._finetuning(CREATE, input=chosen)

    async def cancel(self, finetuning_id: str) -> Answer:
        """Cancel the finetuning."""
        return await self._finetuning(CANCEL, id=finetuning_id)

    async def delete(self, finetuning_id: str) -> None:
        """Delete the finetuning, and wait for its end."""
        await self.ask(DELETE, id=finetuning_id)

        async def look() -> bool | None:
            return True if await self.ask(READ, id=finetuning_id) is None else None

        await eventually(look)

    async def read(self, finetuning_id: str) -> Answer:
        """Return the finetuning as the server shows it."""
        return await self._finetuning(READ, id=finetuning_id)

    async def list(self) -> list[Answer]:
        """Return every finetuning, the newest first."""
        listed = await self.ask(LIST)
        return list(listed["nodes"])

    async def becomes(self, finetuning_id: str, status: str) -> Answer:
        """Return the finetuning as soon as it has this status."""

        async def look() -> Answer | None:
            finetuning = await self.read(finetuning_id)
            return finetuning if finetuning["status"] == status else None

        return await eventually(look)

    async def _finetuning(self, query: str, **variables: object) -> Answer:
        answer = await self.ask(query, **variables)
        assert isinstance(answer, dict), answer
        return answer
