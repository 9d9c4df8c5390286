"""The time limit of operations."""

import asyncio
from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension

from graphql_api.document_errors import OperationTimedOutError

OPERATION_TIMEOUT_S = 60.0


class TimeLimit(SchemaExtension):
    """Ends an operation after ``limit_s``; of a subscription it bounds the beginning alone."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s

    async def on_execute(self) -> AsyncIterator[None]:
        """Bound the execution; raises ``OperationTimedOutError``."""
        try:
            async with asyncio.timeout(self._limit_s):
                yield
        except TimeoutError:  # a field's own never gets here
            raise OperationTimedOutError(self._limit_s) from None
