"""Creates the documents' indexes, and names any conflicting one."""

from collections.abc import Sequence
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

_OTHERWISE = {85, 86}
"""MongoDB's IndexOptionsConflict and IndexKeySpecsConflict: the index exists in another form."""
_DUPLICATES = 11000
_FORM = ("unique", "partialFilterExpression")
"""The options that make an index another one; a time to live can be changed."""

Collection = AsyncCollection[dict[str, Any]]


class IndexConflictError(Exception):
    """An index cannot be created; the message names it, its collection and the remedy."""


async def create_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Create the missing indexes; raises ``IndexConflictError``."""
    try:
        await collection.create_indexes(list(indexes))
    except OperationFailure as refused:
        for index in indexes:  # MongoDB's message does not always name the index and the collection
            await _create(collection, index)
        raise refused from None


async def _create(collection: Collection, index: IndexModel) -> None:
    try:
        await collection.create_indexes([index])
    except OperationFailure as refused:
        name = index.document["name"]
        if refused.code in _OTHERWISE:
            raise _conflict(collection, name, await _present(collection, index)) from refused
        if refused.code == _DUPLICATES:
            fields = ", ".join(index.document["key"])
            raise IndexConflictError(
                f'the unique index "{name}" of the collection {collection.full_name} cannot be made: '
                f"it has documents with the same {fields}; remove all but one of each, then start again"
            ) from refused
        raise


async def find_conflict(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Raise ``IndexConflictError`` if an existing index has another form, without creating any."""
    there = await collection.index_information()
    for index in indexes:
        wanted, name = index.document, str(index.document["name"])
        present = await _present(collection, index)
        found = there.get(present)
        if found is None:
            continue
        same_keys = list(found["key"]) == list(wanted["key"].items())
        if present != name or not same_keys or any(found.get(one) != wanted.get(one) for one in _FORM):
            raise _conflict(collection, name, present)


def _conflict(collection: Collection, name: str, present: str) -> IndexConflictError:
    return IndexConflictError(
        f'the collection {collection.full_name} has the index "{present}" in another form than this '
        f'version needs for "{name}": '
        f'run db.{collection.name}.dropIndex("{present}") in {collection.database.name}, then start '
        "again; no documents are lost"
    )


async def _present(collection: Collection, index: IndexModel) -> str:
    """Return the name of the existing index with the same name or else with the same keys."""
    there = await collection.index_information()
    keys = list(index.document["key"].items())
    name = str(index.document["name"])
    same = (other for other, details in there.items() if list(details["key"]) == keys)
    return name if name in there else next(same, name)
