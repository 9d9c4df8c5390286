"""The feed: one change stream for the process's subscribers.

The stream goes on from its resume token after a failover. If MongoDB has lost the token, the feed reads all
watched finetunings again, so nothing is missed. In both cases it passes on a finetuning only if it is newer
than the one passed on before.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

import structlog

from graphql_api.documents import Finetuning, ObjectId
from graphql_api.following.subscription import MOST_WAITING, Change, Interest, Moment, Subscription
from graphql_api.store.change_stream import ChangeStream, Document, Stream
from graphql_api.store.database import StoreError, is_unavailable

log = structlog.get_logger(__name__)

REMEMBERED = 10_000
"""The number of finetunings with a remembered last change."""

RETRY_S = 0.5
SLACK_S = 60.0
"""How much further than the break of the stream the feed looks back after losing its token."""


class Feed:
    """Tells subscribers of changes; it listens from the first subscriber on to its close.

    ``most_waiting`` is the largest number of finetunings with a change waiting for one subscriber.
    """

    def __init__(
        self,
        changes: ChangeStream,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._changes = changes
        self._most_waiting = most_waiting
        self._sleep = sleep
        self._subscriptions: dict[object, set[Subscription]] = defaultdict(set)
        self._passed_on: OrderedDict[ObjectId, Moment] = OrderedDict()
        self._starting = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None
        self._heard_at = monotonic()
        self._is_closed = False

    @asynccontextmanager
    async def subscription(self, interest: Interest) -> AsyncIterator[Subscription]:
        """Subscribe to every change from now on to the end of the context.

        Raises MongoDB's error if the feed has to start and cannot reach MongoDB.
        """
        subscription = Subscription(interest, most_waiting=self._most_waiting)
        self._subscriptions[interest.topic].add(subscription)
        try:
            await self._start()
            if self._is_closed:
                subscription.end()
            yield subscription
        finally:
            self._remove(subscription)

    async def close(self) -> None:
        """End all subscriptions and stop listening."""
        self._is_closed = True
        for subscription in [one for topic in self._subscriptions.values() for one in topic]:
            subscription.end()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    def pass_on(self, document: Document) -> None:
        """Offer the finetuning to its subscribers, if it is newer than the last one offered."""
        audience = self._audience(document)
        moment = Moment(document.get("version", 0), document["updated_at"])
        last = self._passed_on.get(document["_id"])
        if not audience or (last is not None and moment <= last):
            return
        self._passed_on[document["_id"]] = moment
        self._passed_on.move_to_end(document["_id"])
        if len(self._passed_on) > REMEMBERED:
            self._passed_on.popitem(last=False)
        change = Change(Finetuning.model_validate(document))
        for subscription in audience:
            subscription.offer(change)

    def _audience(self, document: Document) -> list[Subscription]:
        topics = (document["_id"], document["tenant"])
        return [one for topic in topics for one in self._subscriptions.get(topic, ())]

    def _remove(self, subscription: Subscription) -> None:
        topic = self._subscriptions[subscription.interest.topic]
        topic.discard(subscription)
        if not topic:
            del self._subscriptions[subscription.interest.topic]

    async def _start(self) -> None:
        async with self._starting:
            if self._listening is None and not self._is_closed:
                stream = await self._changes.open(None)
                self._heard_at = monotonic()
                self._listening = asyncio.create_task(self._listen(stream))

    async def _listen(self, stream: Stream) -> None:
        """Pass on the stream's changes, and open the stream again after each break."""
        is_afresh = False
        # The driver can lose a cancellation during an answer, so this checks the flag, too.
        while not self._is_closed:
            token = await self._follow(stream, is_afresh=is_afresh)
            stream, is_afresh = await self._reopened(token)

    async def _follow(self, stream: Stream, *, is_afresh: bool) -> Document | None:
        """Follow the stream to its break; return the token to go on from, if there is one."""
        token: Document | None = None if is_afresh else stream.resume_token
        try:
            async with stream:
                if is_afresh:
                    await self._read_again()
                while stream.alive and not self._is_closed:
                    change = await stream.try_next()
                    self._heard_at, token = monotonic(), stream.resume_token
                    if change is not None and change.get("fullDocument") is not None:
                        self._try_to_pass_on(change["fullDocument"])
        except StoreError as problem:
            log.warning("the feed broke off", problem=type(problem).__name__)
            return token if is_unavailable(problem) else None
        except Exception:
            log.exception("the feed broke off")
        return None

    async def _reopened(self, token: Document | None) -> tuple[Stream, bool]:
        """Return the stream, from the token on if MongoDB knows it, and whether it starts afresh."""
        while not self._is_closed:
            await self._sleep(RETRY_S)  # sleep first: a new stream may break at once, again and again
            try:
                return await self._changes.open(token), token is None
            except StoreError as problem:
                log.warning("the feed waits for MongoDB", problem=type(problem).__name__)
                token = token if is_unavailable(problem) else None
        raise asyncio.CancelledError

    async def _read_again(self) -> None:
        """Pass on the watched finetunings, and all changes during the break."""
        lost_s = monotonic() - self._heard_at + SLACK_S
        async for document in self._changes.watched(list(self._subscriptions), lost_s=lost_s):
            self._try_to_pass_on(document)

    def _try_to_pass_on(self, document: Document) -> None:
        """Pass the document on; an unreadable one does not stop the next ones."""
        try:
            self.pass_on(document)
        except Exception:
            log.exception("a change could not be passed on")
