"""The finding of a check on one part of the server."""

from dataclasses import dataclass

from graphql_api.store.suitability import Remark, in_words


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and the problem with it, if any; a ``Remark`` is about a usable part."""

    looked_at: str
    problem: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether a start would succeed with this part."""
        return self.problem is None or isinstance(self.problem, Remark)

    def __str__(self) -> str:
        words = in_words(self.problem)
        return f"{words} ({self.looked_at})" if self.is_usable else words
