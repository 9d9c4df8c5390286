"""The servers' answers, and the harm done to them."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer to a cancel: the status it showed, when, and whether it was the refusal of a late one."""

    finetuning_id: str
    status: str
    at: float
    too_late: bool = False


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The answers a client may rely on, the kills, and the answers no client should ever get."""

    creates: set[str] = field(default_factory=set)
    cancels: list[Told] = field(default_factory=list)
    surprises: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    frozen: Counter[str] = field(default_factory=Counter)
    failovers_s: list[float] = field(default_factory=list)
    """How long the set was without a primary, each time."""

    @property
    def wanted(self) -> set[str]:
        """The finetunings without an answered cancel."""
        return self.creates - {told.finetuning_id for told in self.cancels}

    @property
    def acknowledged(self) -> list[Told]:
        """The cancels answered with data: 200, 202 or GraphQL's."""
        return [told for told in self.cancels if not told.too_late]
