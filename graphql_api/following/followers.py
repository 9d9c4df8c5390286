"""Follows finetunings from the present on, without a gap."""

from collections.abc import AsyncGenerator, Callable

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning, ObjectId
from graphql_api.errors import FinetuningNotFoundError
from graphql_api.following.change_feed import Feed
from graphql_api.following.resume_points import place_after, reaching
from graphql_api.following.subscription import Change, Interest, Moment, Subscription
from graphql_api.store.history import HistoryEvent, Place, history_after
from graphql_api.store.reads import find
from graphql_api.tenancy import TenantScope

BATCH = 100
"""How many events one read takes on the way to the present."""


async def follow_finetunings(
    feed: Feed,
    *,
    finetuning_id: str | None,
    db_connection_id: str | None,
    caller: Caller,
    announce: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Finetuning, None]:
    """Yield finetunings as they change; a single one also as it is at first, up to its deletion.

    Calls ``announce`` as soon as no change can be missed. Raises ``BadUserInputError``,
    ``FinetuningNotFoundError`` or ``SubscriberTooSlowError``.
    """
    interest = Interest(
        tenant=caller.tenant,
        finetuning_id=_optional_id(finetuning_id, name="finetuningId"),
        db_connection_id=_optional_id(db_connection_id, name="dbConnectionId"),
    )
    # It subscribes before it reads: a change in between comes twice rather than never.
    async with feed.subscription(interest) as changes:
        followed = interest.finetuning_id
        latest = None if followed is None else await _current(followed, interest)
        announce()
        if latest is not None:
            yield latest
        async for change in changes:
            finetuning = change.finetuning
            if change.is_deletion:
                return
            if latest is not None:
                if Moment.of(finetuning) <= Moment.of(latest):
                    continue
                latest = finetuning
            yield finetuning


async def follow_events(
    feed: Feed,
    finetuning_id: str,
    *,
    after: str | None,
    caller: Caller,
    announce: Callable[[], None] = lambda: None,
) -> AsyncGenerator[tuple[str, HistoryEvent], None]:
    """Yield all events after the cursor, first the known ones and then each as it becomes known.

    Calls ``announce`` as soon as no event can be missed, and ends with the deletion of the finetuning. A
    client with a cursor also gets the rest of an already deleted one. Raises ``BadUserInputError`` or
    ``FinetuningNotFoundError``.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    place = place_after(after, finetuning_id=document_id)
    interest = Interest(tenant=caller.tenant, finetuning_id=document_id)
    async with feed.subscription(interest) as changes:
        current = await _current(document_id, interest, even_deleted=place is not None)
        known = Change(await reaching(place, current))
        announce()
        place = place or Place()
        async for change in _begun_with(known, changes):
            async for behind, event in _events(change, place):
                place = behind
                yield place.encode(of=document_id), event
            if change.is_deletion:
                return


async def _begun_with(known: Change, changes: Subscription) -> AsyncGenerator[Change, None]:
    yield known
    async for change in changes:
        yield change


async def _events(change: Change, after: Place) -> AsyncGenerator[tuple[Place, HistoryEvent], None]:
    """Yield the changed finetuning's events after the place."""
    has_next = True
    while has_next:
        page = await history_after(after, change.finetuning, first=BATCH, load=change.lines)
        for entry in page.entries:
            yield entry
        has_next = page.has_more and bool(page.entries)
        after = page.entries[-1][0] if page.entries else after


async def _current(finetuning_id: ObjectId, interest: Interest, *, even_deleted: bool = False) -> Finetuning:
    scope = TenantScope.of(interest)
    finetuning = await find(Finetuning, finetuning_id, scope=scope, even_deleted=even_deleted)
    if finetuning is None or not interest.covers(finetuning):
        raise FinetuningNotFoundError(finetuning_id)
    return finetuning


def _optional_id(given: str | None, *, name: str) -> ObjectId | None:
    return None if given is None else inputs.object_id(given, name=name)
