"""The look-ups of one request, gathered into one query for each kind of document."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from graphql_api.documents import ObjectId
from graphql_api.documents.paging import DatedDocument
from graphql_api.store.reads import find_by_ids
from graphql_api.tenancy import TenantScope

Parts = tuple[str, ...]
"""Parts of a document that need not be read."""

Wanted = tuple[type[DatedDocument], ObjectId, Parts]
"""A document by its kind and its id, without these parts."""

DocumentLoader = DataLoader[Wanted, DatedDocument | None]


def document_loader(scope: TenantScope) -> DocumentLoader:
    """Return the loader of the tenant's documents: one query for each kind and each choice of parts."""

    async def load(wanted: list[Wanted]) -> Sequence[DatedDocument | None]:
        asked: defaultdict[tuple[type[DatedDocument], Parts], list[ObjectId]] = defaultdict(list)
        for kind, document_id, parts in wanted:
            asked[kind, parts].append(document_id)
        read = await asyncio.gather(
            *(find_by_ids(kind, ids, scope=scope, without=parts) for (kind, parts), ids in asked.items())
        )
        found = dict(zip(asked, read, strict=True))
        return [found[kind, parts].get(document_id) for kind, document_id, parts in wanted]

    return DataLoader(load_fn=load)
