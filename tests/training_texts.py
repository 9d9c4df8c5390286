"""A catalogue's training examples, read whole.

Beside them is the file made of them.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from beanie import PydanticObjectId

from graphql_api.catalogue.dataset import ChatFile
from graphql_api.documents import DbConnection
from graphql_api.store.training_data import Example, Take


class Reads(Protocol):
    """A catalogue: the real one, or its twin in memory."""

    async def read_examples(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None, *, take: Take
    ) -> list[PydanticObjectId]:
        """Give ``take`` the examples, batch by batch."""
        ...


async def examples_in(
    sources: Reads, connection: DbConnection, ids: Collection[PydanticObjectId] | None
) -> list[Example]:
    """Return everything the catalogue gives of the connection's golden records with these ids."""
    taken: list[Example] = []

    async def take(batch: Sequence[Example]) -> None:
        taken.extend(batch)

    read = await sources.read_examples(connection, ids, take=take)
    assert read == [example.id for example in taken]
    return taken


def chat_jsonl(connection: DbConnection, examples: Sequence[Example]) -> bytes:
    """Return the training file of these examples."""
    file = ChatFile(connection)
    file.add(examples)
    return file.content()
