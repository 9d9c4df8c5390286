"""The training file of a finetuning, made again byte for byte after its upload."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.catalogue.dataset import chat_lines, file_name
from graphql_api.documents import Dataset, DbConnection, Finetuning
from graphql_api.errors import DatasetChangedError, DatasetNotFrozenError, FinetuningNotFoundError
from graphql_api.store import reads
from graphql_api.store.training_data import Example, Sources
from graphql_api.tenancy import TenantScope

RECORDS_AT_ONCE = 100
"""The golden records in memory. Each read of them ends at once, however slowly the file is taken."""
PIECE_BYTES = 65_536
"""Between two pieces the event loop serves everybody else."""
UNUSED = ("timeline", "checkpoints", "metadata")
"""The parts of a finetuning that its training file does not need."""


class FrozenFile:
    """The training file that was uploaded; its frozen digest decides whether the catalogue still makes it."""

    def __init__(self, finetuning: Finetuning, dataset: Dataset, *, sources: Sources) -> None:
        self.dataset = dataset
        self.name = file_name(finetuning, dataset)
        self._finetuning = finetuning
        self._sources = sources

    async def verify(self) -> None:
        """Make the whole file, and keep nothing of it; raises ``DatasetChangedError`` for other bytes."""
        async for _ in self.pieces():
            pass

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file; raises ``DatasetChangedError`` for other bytes, before the last piece of them."""
        digest, size, kept = hashlib.sha256(), 0, b""
        async for piece in self._made():
            if kept:
                yield kept
            digest.update(piece)
            size += len(piece)
            if size > self.dataset.size_bytes:
                raise self._changed()
            kept = piece
        if digest.hexdigest() != self.dataset.sha256:
            raise self._changed()
        yield kept

    async def _made(self) -> AsyncIterator[bytes]:
        """Yield what the catalogue makes now."""
        connection = await self._sources.find_connection(
            self._finetuning.db_connection_id, scope=TenantScope.of(self._finetuning)
        )
        if connection is None:
            raise self._changed()
        ids = iter(self.dataset.golden_records)
        while few := list(islice(ids, RECORDS_AT_ONCE)):
            pieces = _pieces(connection, await self._sources.examples(connection, few))
            while piece := await asyncio.to_thread(next, pieces, b""):
                yield piece

    def _changed(self) -> DatasetChangedError:
        return DatasetChangedError(self._finetuning.id, sha256=self.dataset.sha256)


async def find_frozen_file(finetuning_id: str, *, caller: Caller, sources: Sources) -> FrozenFile:
    """Return the training file of the caller's finetuning, not yet verified.

    Raises ``BadUserInputError``, ``FinetuningNotFoundError`` or ``DatasetNotFrozenError``.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    scope = TenantScope.of(caller)
    finetuning = await reads.find(Finetuning, document_id, scope=scope, without=UNUSED)
    if finetuning is None:
        raise FinetuningNotFoundError(finetuning_id)
    if finetuning.dataset is None:
        raise DatasetNotFrozenError(finetuning.id, status=finetuning.status.value)
    return FrozenFile(finetuning, finetuning.dataset, sources=sources)


def _pieces(connection: DbConnection, examples: Iterable[Example]) -> Iterator[bytes]:
    """Yield the examples' lines in pieces of ``PIECE_BYTES``, and a smaller one at the end."""
    waiting = bytearray()
    for line in chat_lines(connection, examples):
        waiting += line
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
