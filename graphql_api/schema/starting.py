"""The moment at which a subscription starts: from then on its transport answers with a stream."""

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType


class AnnounceStart(SchemaExtension):
    """Sets ``started`` of the context once a subscription listens, however long its first event may take."""

    def on_execute(self) -> Iterator[None]:
        """Announce it unless the subscription was refused."""
        yield
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            self.execution_context.context.started.set()
