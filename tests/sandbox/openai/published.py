"""OpenAI's published response shapes, as JSON Schema."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DESCRIPTION = Path(__file__).parents[2] / "data" / "openai_finetuning_openapi.json"


def validate_answer(method: str, path: str, answer: Any) -> None:
    """Raise ``jsonschema.ValidationError`` if ``answer`` breaks the description's promise there."""
    _validator(method.lower(), path.removeprefix("/v1")).validate(answer)


def validate_object(name: str, value: Any) -> None:
    """Raise ``jsonschema.ValidationError`` if ``value`` is not a ``name`` of the description."""
    Draft202012Validator({**_description(), "$ref": f"#/components/schemas/{name}"}).validate(value)


@cache
def _description() -> dict[str, Any]:
    description: dict[str, Any] = _as_json_schema(json.loads(DESCRIPTION.read_text()))
    # The live service also answers these; the description lags behind it.
    statuses = description["components"]["schemas"]["FineTuningJob"]["properties"]["status"]["enum"]
    statuses += ["pausing", "paused"]
    return description


def _as_json_schema(value: Any) -> Any:
    """Turn OpenAPI 3.0's ``nullable`` and boolean ``exclusiveMinimum`` into today's JSON Schema."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _as_json_schema(item) for key, item in value.items() if key != "nullable"}
    if schema.get("exclusiveMinimum") is True:
        schema["exclusiveMinimum"] = schema.pop("minimum")
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema


def _validator(method: str, path: str) -> Draft202012Validator:
    for template, operations in _description()["paths"].items():
        if method in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            content = operations[method]["responses"]["200"]["content"]
            schema = next(iter(content.values()))["schema"]
            return Draft202012Validator({**_description(), **schema})
    raise LookupError(f"OpenAI's description knows no {method} {path}")
