"""How heavy one operation may be, and what a part of it weighs."""

from dataclasses import dataclass

from graphql_api.errors import QueryTooComplexError

COUNTLESS = 10**9
"""No number grows beyond: an exponential attack is as much too heavy as one of this weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one operation may have."""

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
    """What a selection amounts to.

    ``directives`` is the most in one place. ``cost`` is the number of fields that are resolved, with
    large values counted several times; ``cost_an_entry`` what every entry of the page adds to it, in the
    selection of a connection.
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
        """Raise ``QueryTooComplexError`` for the first limit that is exceeded."""
        for name in ("depth", "aliases", "fields", "directives", "cost"):
            found, most = getattr(self, name), getattr(limits, name)
            if found > most:
                raise QueryTooComplexError(name, found=found, most=most)
