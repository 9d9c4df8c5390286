"""The requests of the three operations.

The server and the bare server each get their own form.
"""

import orjson

from benchmarks.load import Request, request

FIELDS = """
  id dbConnectionId alias status error
  baseLlm { modelProvider modelName modelParameters { nEpochs batchSize learningRateMultiplier } }
  finetuningFileId finetuningJobId modelId createdAt goldenRecords metadata
"""
ONE = f"query ($id: ID!) {{ finetuning(id: $id) {{ {FIELDS} }} }}"
LIST = f"""query ($first: Int!) {{
  finetunings(first: $first) {{ nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }}
}}"""
CANCEL = f"mutation ($id: ID!) {{ cancelFinetuning(finetuningId: $id) {{ {FIELDS} }} }}"

PAGE = 50
CANCELLED = b'"status":"CANCELLED"'


def read_one(finetuning_id: str, *, bare: bool) -> Request:
    """Return the request for one finetuning."""
    if bare:
        return request("GET", f"/finetunings/{finetuning_id}")
    return _graphql(ONE, id=finetuning_id)


def read_page(*, bare: bool) -> Request:
    """Return the request for the newest finetunings."""
    if bare:
        return request("GET", f"/finetunings?first={PAGE}")
    return _graphql(LIST, first=PAGE)


def cancel(finetuning_id: str, *, bare: bool) -> Request:
    """Return the request to cancel a finetuning."""
    if bare:
        return request("POST", f"/finetunings/{finetuning_id}/cancel", proof=CANCELLED)
    return _graphql(CANCEL, proof=CANCELLED, id=finetuning_id)


def _graphql(query: str, *, proof: bytes = b"", **variables: object) -> Request:
    body = orjson.dumps({"query": query, "variables": variables})
    return request("POST", "/graphql", body=body, proof=proof)
