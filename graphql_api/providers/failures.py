"""The exceptions of an SDK and of its HTTP library, by their meaning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer with an HTTP status other than 2xx; ``body`` is the answer's error as JSON, or its text."""

    status: int
    body: object
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What an SDK raises; each provider has its SDK, and each SDK its own HTTP library.

    ``of_call`` are all of a failed call, those of the library too. ``refusal`` returns the answer behind one
    of them, if it is about a whole answer.
    """

    of_call: tuple[type[Exception], ...]
    refusal: Callable[[Exception], Refusal | None]
    unsendable: tuple[type[Exception], ...]
    timeout: type[Exception]
    no_free_connection: type[Exception]
