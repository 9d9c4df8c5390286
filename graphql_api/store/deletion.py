"""Deletes what finetunings are made from, unless one of them needs it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from bson import ObjectId

from graphql_api.store import catalogue
from graphql_api.store.catalogue import M
from graphql_api.tenancy import TenantScope

FindUsers = Callable[..., Awaitable[list[str]]]
"""The look-up of a document's finetunings; a test can act at the moment after it."""


class StillUsedError(Exception):
    """These finetunings need the document; ``users`` are their ids."""

    def __init__(self, users: Sequence[str]) -> None:
        super().__init__(", ".join(users))
        self.users = users


async def to_its_end(deleting: Coroutine[Any, Any, datetime]) -> datetime:
    """Run the deletion to its end even if the caller is cancelled.

    Broken off, it would leave an unusable document in the list.
    """
    running = asyncio.create_task(deleting)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


async def delete_unused(
    kind: type[M], document_id: ObjectId, *, scope: TenantScope, find_users: FindUsers
) -> datetime | None:
    """Turn the tenant's document into a tombstone and return its deletion time; repeating is safe.

    Returns ``None`` if the tenant has no such document. Raises ``StillUsedError``.
    """
    while True:
        token = uuid4().hex
        is_there = await _claim(kind, document_id, scope=scope, token=token, find_users=find_users)
        mine = {"deletion_token": token, **catalogue.IS_MARKED}
        deleted_at = await catalogue.bury(kind, document_id, scope=scope, where=mine)
        if deleted_at is not None or not is_there:
            return deleted_at
        # The mark is another deletion's or has ended, so this look was maybe too early: look again.


async def _claim(
    kind: type[M], document_id: ObjectId, *, scope: TenantScope, token: str, find_users: FindUsers
) -> bool:
    """Mark the document as being deleted, so that nothing new is based on it; return whether it exists.

    Raises ``StillUsedError``, and removes the mark, if earlier finetunings need it.
    """
    if not await catalogue.mark_for_deletion(kind, document_id, scope=scope, token=token):
        return False
    users = await find_users(document_id, scope=scope)
    if users:
        await catalogue.unmark_for_deletion(kind, document_id, scope=scope, token=token)
        raise StillUsedError(users)
    return True
