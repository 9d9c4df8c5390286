"""Reads a job's hyperparameters in every known form."""

from collections.abc import Iterator
from dataclasses import fields
from math import isfinite
from typing import Any

from graphql_api.providers.port import JobParameters, Parameter

_AUTO = "auto"
_AUTO_NUMBER = -1
"""Azure's number for "auto"."""
_LARGEST = 2**53


def read_parameters(answer: dict[str, Any]) -> JobParameters:
    """Return the hyperparameters in a job's answer, each from the first place with a value."""
    places = list(_places(answer))
    said = {one.name: _first(places, one.name) for one in fields(JobParameters)}
    return JobParameters(**said)


def _places(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the places of hyperparameters: the current method, then OpenAI's former place."""
    method = answer.get("method")
    if isinstance(method, dict):
        kind = method.get("type")
        used = method.get(kind) if isinstance(kind, str) else None
        for place in (used, method.get("supervised")):
            if isinstance(place, dict) and isinstance(place.get("hyperparameters"), dict):
                yield place["hyperparameters"]
    if isinstance(answer.get("hyperparameters"), dict):
        yield answer["hyperparameters"]


def _first(places: list[dict[str, Any]], name: str) -> Parameter | None:
    said = (_parameter(place.get(name)) for place in places)
    return next((value for value in said if value is not None), None)


def _parameter(value: object) -> Parameter | None:
    """Return a positive number or "auto"; numeric text is a number, and everything else is ``None``."""
    if isinstance(value, str):
        return _AUTO if value.strip().casefold() == _AUTO else _spelled(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value == _AUTO_NUMBER:
        return _AUTO
    if not 0 < value < _LARGEST:
        return None
    return int(value) if float(value).is_integer() else value


def _spelled(text: str) -> Parameter | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return _parameter(number) if isfinite(number) else None
