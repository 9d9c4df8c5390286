"""The parts of a finetuning that the commands ask for, and their texts for people."""

from typing import Any

from graphql_api.client.output import moment

FIELDS = """id alias status dbConnectionId createdAt finishedAt estimatedFinishAt error modelId
  baseLlm { modelProvider modelName modelParameters { nEpochs batchSize learningRateMultiplier } }
  suffix seed providerAccountId finetuningJobId finetuningFileId trainedTokens isCancellable metadata
  dataset { recordCount sizeBytes sha256 }
  checkpoints { stepNumber modelId metrics { trainLoss validLoss fullValidLoss } }
  cancellation { phase requestedAt requestedBy confirmedAt attempts lastError }
  lastFault { message at attempts }"""
"""What ``--json`` prints. Fields may be added, and none is taken away."""

SHOW = f"query ($id: ID!) {{ finetuning(id: $id) {{ {FIELDS} }} }}"

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
"""The final statuses, as the schema names them."""


def facts(finetuning: dict[str, Any]) -> dict[str, object]:
    """Return what a person wants to know, by name."""
    llm, dataset = finetuning["baseLlm"], finetuning["dataset"] or {}
    cancellation, fault = finetuning["cancellation"] or {}, finetuning["lastFault"] or {}
    return {
        "id": finetuning["id"],
        "alias": finetuning["alias"],
        "status": finetuning["status"],
        "base model": f"{llm['modelName']} ({llm['modelProvider']})",
        "parameters": llm["modelParameters"],
        "suffix": finetuning["suffix"],
        "seed": finetuning["seed"],
        "database connection": finetuning["dbConnectionId"],
        "provider account": finetuning["providerAccountId"],
        "golden records": dataset.get("recordCount"),
        "model": finetuning["modelId"],
        "error": finetuning["error"],
        "last fault": fault.get("message"),
        "cancel": cancellation.get("phase"),
        "created": moment(finetuning["createdAt"]),
        "expected end": moment(finetuning["estimatedFinishAt"]),
        "finished": moment(finetuning["finishedAt"]),
        "trained tokens": finetuning["trainedTokens"],
        "provider's job": finetuning["finetuningJobId"],
        "metadata": finetuning["metadata"],
    }


def cancelled_in_words(finetuning: dict[str, Any]) -> str:
    """Return what a cancel has led to, in one sentence."""
    name, cancellation = finetuning["id"], finetuning["cancellation"] or {}
    if finetuning["status"] != "CANCELLED":
        return (
            f"{name} will be cancelled: the request is kept for good, and the provider is still to confirm it"
        )
    if cancellation.get("phase") == "UNCONFIRMED":
        return f"{name} is closed as cancelled, but not beyond doubt: {cancellation['lastError']}"
    return f"{name} is cancelled"
