"""The form of a hostile input."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from hostile.client import Attacker

Attack = Callable[[Attacker], Awaitable[str]]
"""Sends the input and returns the answer in short."""


class Kind(Enum):
    """What an input is, and so which limit of CPU holds."""

    REFUSED = "refused"
    """One request without any worth: a refusal has to be cheap."""
    SERVED = "served"
    """One request that may be answered: its answer has a price."""
    FLOOD = "flood"
    """Many requests or connections at once: what others feel of it is what counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One hostile input; it is sent ``times`` beside the bystander, evenly over the time."""

    name: str
    attack: Attack
    kind: Kind = Kind.REFUSED
    times: int = 4
