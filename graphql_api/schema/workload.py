"""What one connection has under way: the cost of its operations."""

from dataclasses import dataclass

from graphql_api.document_errors import TooMuchAtOnceError


@dataclass(slots=True)
class Workload:
    """The cost of the operations of one connection, added up."""

    cost: int = 0

    def begin(self, cost: int, *, most: int) -> None:
        """Count the cost of one more operation; raises ``TooMuchAtOnceError``."""
        if self.cost + cost > most:
            raise TooMuchAtOnceError(found=self.cost + cost, most=most)
        self.cost += cost

    def end(self, cost: int) -> None:
        """Give the cost of an operation back."""
        self.cost -= cost
