"""The weight of an operation and its limits."""

from dataclasses import dataclass, fields

from graphql_api.document_errors import (
    QueryTooComplexError,
)

COUNTLESS = 10**9
"""The cap on every number: more makes no attack any heavier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The upper limits of one operation.

    ``creations`` are finetunings, each of them paid; ``entries`` are those of all bulk mutations together.
    """

    characters: int = 100_000
    tokens: int = 5_000
    depth: int = 20
    aliases: int = 100
    fields: int = 400
    directives: int = 5
    cost: int = 20_000
    mutations: int = 10
    creations: int = 1
    entries: int = 1_000
    searches: int = 1


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The weight of a selection.

    ``directives`` is the largest number in one place. ``cost`` is the number of resolved fields; large values
    and loaded documents count several times. ``cost_an_entry`` is the cost of each entry of the page, in the
    selection of a connection.
    """

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0
    cost: int = 0
    mutations: int = 0
    creations: int = 0
    entries: int = 0
    searches: int = 0
    cost_an_entry: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            depth=max(self.depth, other.depth),
            directives=max(self.directives, other.directives),
            aliases=min(self.aliases + other.aliases, COUNTLESS),
            fields=min(self.fields + other.fields, COUNTLESS),
            cost=min(self.cost + other.cost, COUNTLESS),
            mutations=min(self.mutations + other.mutations, COUNTLESS),
            creations=min(self.creations + other.creations, COUNTLESS),
            entries=min(self.entries + other.entries, COUNTLESS),
            searches=min(self.searches + other.searches, COUNTLESS),
            cost_an_entry=min(self.cost_an_entry + other.cost_an_entry, COUNTLESS),
        )

    def check(self, limits: Limits) -> None:
        """Raise ``QueryTooComplexError`` for the first exceeded limit."""
        for name in _LIMITED:
            found, most = getattr(self, name), getattr(limits, name)
            if found > most:
                raise QueryTooComplexError(name, found=found, most=most)


_LIMITED = tuple(limit.name for limit in fields(Limits) if limit.name not in {"characters", "tokens"})
