"""The weight of an operation and its limits."""

from dataclasses import dataclass

from graphql_api.errors import QueryTooComplexError

COUNTLESS = 10**9
"""The cap on every number: more makes no attack any heavier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The upper limits of one operation."""

    characters: int = 100_000
    tokens: int = 5_000
    depth: int = 20
    aliases: int = 100
    fields: int = 400
    directives: int = 5
    cost: int = 20_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The weight of a selection.

    ``directives`` is the largest number in one place. ``cost`` is the number of resolved fields; large values
    count several times. ``cost_an_entry`` is the cost of each entry of the page, in the selection of a
    connection.
    """

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0
    cost: int = 0
    cost_an_entry: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            depth=max(self.depth, other.depth),
            aliases=min(self.aliases + other.aliases, COUNTLESS),
            fields=min(self.fields + other.fields, COUNTLESS),
            directives=max(self.directives, other.directives),
            cost=min(self.cost + other.cost, COUNTLESS),
            cost_an_entry=min(self.cost_an_entry + other.cost_an_entry, COUNTLESS),
        )

    def check(self, limits: Limits) -> None:
        """Raise ``QueryTooComplexError`` for the first exceeded limit."""
        for name in ("depth", "aliases", "fields", "directives", "cost"):
            found, most = getattr(self, name), getattr(limits, name)
            if found > most:
                raise QueryTooComplexError(name, found=found, most=most)
