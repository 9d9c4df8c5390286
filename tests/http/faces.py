"""The two faces of the cancel: GraphQL and REST.

Both are asked and read in one way.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

import httpx2

from graphql_api.documents import Finetuning

ABSENT: Any = object()
"""In the place of metadata: the request does not mention it."""

CANCEL = """
mutation Cancel($id: ID!, $metadata: StringMap) {
  cancelFinetuning(finetuningId: $id, metadata: $metadata) {
    id dbConnectionId alias status error
    baseLlm { modelProvider modelName modelParameters { nEpochs batchSize learningRateMultiplier } }
    finetuningFileId finetuningJobId modelId createdAt goldenRecords metadata
    cancellation { phase requestedAt confirmedAt requestedBy metadata attempts lastError trainedTokens }
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A face's answer, in the REST call's names and words: a finetuning, or a code with its details.

    ``cancellation`` is GraphQL's part; the REST call's answer has no place for one.
    """

    http_status: int
    finetuning: dict[str, Any] | None = None
    cancellation: dict[str, Any] | None = None
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


class Face(Protocol):
    """One way to ask for a cancel."""

    name: ClassVar[str]

    async def cancel(self, http: httpx2.AsyncClient, finetuning_id: str, metadata: Any = ABSENT) -> Answer:
        """Ask, and read the answer."""
        ...

    def http_status(self, of_rest: int) -> int:
        """Return this face's HTTP status for REST's ``of_rest``."""
        ...

    def detail(self, name: str) -> str:
        """Return how this face spells a detail of an error."""
        ...


class GraphQLFace:
    """The mutation ``cancelFinetuning``."""

    name: ClassVar[str] = "graphql"

    async def cancel(self, http: httpx2.AsyncClient, finetuning_id: str, metadata: Any = ABSENT) -> Answer:
        """Send the mutation."""
        given = {} if metadata is ABSENT else {"metadata": metadata}
        body = {"query": CANCEL, "variables": {"id": finetuning_id, **given}}
        response = await http.post("/graphql", json=body)
        answer = response.json()
        if "errors" in answer:
            assert answer["data"] is None
            (error,) = answer["errors"]
            details = dict(error["extensions"])
            code = details.pop("code")
            return Answer(
                http_status=response.status_code, code=code, message=error["message"], details=details
            )
        finetuning = _rest_words(answer["data"]["cancelFinetuning"])
        cancellation = finetuning.pop("cancellation")
        cancellation["phase"] = cancellation["phase"].lower()
        return Answer(http_status=response.status_code, finetuning=finetuning, cancellation=cancellation)

    def http_status(self, of_rest: int) -> int:
        """Return 200: GraphQL tells everything in its body."""
        return 200

    def detail(self, name: str) -> str:
        """Return the name as it is: camelCase."""
        return name


class RestFace:
    """The REST call of the page."""

    name: ClassVar[str] = "rest"

    async def cancel(self, http: httpx2.AsyncClient, finetuning_id: str, metadata: Any = ABSENT) -> Answer:
        """Send the request."""
        given = {} if metadata is ABSENT else {"metadata": metadata}
        body = {"finetuning_id": finetuning_id, **given}
        response = await http.post(f"/api/v1/finetunings/{finetuning_id}/cancel", json=body)
        answer = response.json()
        if response.is_success:
            assert response.headers["content-type"] == "application/json"
            answer["created_at"] = datetime.fromisoformat(answer["created_at"])
            return Answer(http_status=response.status_code, finetuning=answer)
        assert response.headers["content-type"] == "application/problem+json"
        assert answer.pop("status") == response.status_code
        assert answer.pop("title")
        code, message = answer.pop("code"), answer.pop("detail")
        return Answer(http_status=response.status_code, code=code, message=message, details=answer)

    def http_status(self, of_rest: int) -> int:
        """Return the status itself."""
        return of_rest

    def detail(self, name: str) -> str:
        """Return the name in snake_case."""
        return _snake(name)


FACES: tuple[Face, ...] = (GraphQLFace(), RestFace())


def told(finetuning: Finetuning) -> dict[str, Any]:
    """Return the fields of the stored finetuning in an honest answer."""
    parameters = finetuning.base_llm.model_parameters
    records = finetuning.golden_records
    return {
        "id": str(finetuning.id),
        "db_connection_id": str(finetuning.db_connection_id),
        "alias": finetuning.alias,
        "status": finetuning.status.value,
        "error": finetuning.error,
        "base_llm": {
            "model_provider": finetuning.base_llm.model_provider,
            "model_name": finetuning.base_llm.model_name,
            "model_parameters": {
                "n_epochs": parameters.n_epochs,
                "batch_size": parameters.batch_size,
                "learning_rate_multiplier": parameters.learning_rate_multiplier,
            },
        },
        "finetuning_file_id": finetuning.finetuning_file_id,
        "finetuning_job_id": finetuning.finetuning_job_id,
        "model_id": finetuning.model_id,
        "created_at": finetuning.created_at,
        "golden_records": None if records is None else [str(one) for one in records],
        "metadata": finetuning.metadata,
    }


def _rest_words(shown: dict[str, Any]) -> dict[str, Any]:
    words = {_snake(key): value for key, value in shown.items()}
    words["base_llm"] = {_snake(key): value for key, value in words["base_llm"].items()}
    parameters = words["base_llm"]["model_parameters"]
    words["base_llm"]["model_parameters"] = {_snake(key): value for key, value in parameters.items()}
    words["cancellation"] = {_snake(key): value for key, value in words["cancellation"].items()}
    moments = ("requested_at", "confirmed_at")
    words["cancellation"] |= {key: _moment(words["cancellation"][key]) for key in moments}
    return words | {"created_at": _moment(words["created_at"]), "status": words["status"].lower()}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
