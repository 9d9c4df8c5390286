"""One request and its answer within a total time limit.

Every failure is sorted by its outcome. The SDK's own limits count per phase, so a slow drip outlives them.
Its exceptions do not say whether the request had left. Here the limit covers the whole call, and the
connection reports the first moment at which the request may be on its way.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from inspect import iscoroutine
from typing import Any, Protocol

from graphql_api.providers.circuit import Circuit, Ticket
from graphql_api.providers.failures import Failures, Refusal
from graphql_api.providers.faults import fault_of_answer, fault_of_failure, fault_of_silence, is_silence
from graphql_api.providers.port import NotSentError, ProviderFault
from graphql_api.redaction import Redaction


class RawAnswer(Protocol):
    """An answer that the SDK does not interpret."""

    @property
    def content(self) -> bytes:
        """The whole body."""
        ...


class SentRequest(Protocol):
    """A request of an HTTP library."""

    @property
    def extensions(self) -> MutableMapping[str, Any]:
        """What the connection pool is told beside the request."""
        ...


class Progress:
    """How far one request has come."""

    def __init__(self) -> None:
        self.may_have_left = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the last moment before the request's first byte; called by the connection pool."""
        # A proxy's CONNECT is not the request yet.
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.may_have_left = True


_progress: ContextVar[Progress] = ContextVar("progress")
_shared_limit: ContextVar[asyncio.Timeout | None] = ContextVar("shared_limit", default=None)
"""The limit of several calls together, if there is one."""


async def follow_request(request: SentRequest) -> None:
    """Report the progress of a request to its ``Exchange``; a request hook of the HTTP client."""
    request.extensions["trace"] = _progress.get().trace


class Exchange:
    """Carries out SDK calls one at a time, without repeats; ``hide`` keeps the key out of every message.

    A ``circuit`` holds back calls while the provider does not answer.
    """

    def __init__(self, *, failures: Failures, hide: Redaction, circuit: Circuit | None = None) -> None:
        self._failures = failures
        self._hide = hide
        self._circuit = circuit

    async def body_of(self, call: Awaitable[RawAnswer], *, within_s: float, may_try: bool = True) -> bytes:
        """Return the body of a 2xx answer, or raise a ``ProviderFault`` with the outcome.

        A cancellation from outside passes through as itself. ``may_try`` is the circuit's.
        """
        ticket = self._admit(call, may_try=may_try)
        answered: bool | None = None
        progress = Progress()
        token = _progress.set(progress)
        try:
            async with asyncio.timeout(within_s):
                body = (await call).content
        except TimeoutError:
            answered = False
            raise fault_of_silence(within_s, may_have_left=progress.may_have_left) from None
        except asyncio.CancelledError:
            limit = _shared_limit.get()
            answered = False if limit is not None and limit.expired() else None
            raise
        # The cause may quote the key (in an unsendable header), so no traceback may show it.
        except self._failures.of_call as error:
            refusal = self._failures.refusal(error)
            if refusal is not None:
                answered = True
            elif is_silence(error, failures=self._failures):
                answered = False
            raise self._fault_of(error, refusal, may_have_left=progress.may_have_left) from None
        else:
            answered = True
            return body
        finally:
            if self._circuit is not None:
                self._circuit.note(ticket, answered=answered)
            _progress.reset(token)

    @asynccontextmanager
    async def one_limit(self, within_s: float) -> AsyncIterator[None]:
        """Limit the calls of the block together; a call that is ended by it has met with silence."""
        try:
            async with asyncio.timeout(within_s) as limit:
                token = _shared_limit.set(limit)
                try:
                    yield
                finally:
                    _shared_limit.reset(token)
        except TimeoutError:
            raise fault_of_silence(within_s, may_have_left=True) from None

    def _admit(self, call: Awaitable[RawAnswer], *, may_try: bool) -> Ticket:
        try:
            return self._circuit.admit(may_try=may_try) if self._circuit is not None else Ticket()
        except NotSentError:
            if iscoroutine(call):
                call.close()
            raise

    def _fault_of(self, error: Exception, refusal: Refusal | None, *, may_have_left: bool) -> ProviderFault:
        if refusal is not None:
            return fault_of_answer(refusal, now=datetime.now(UTC), hide=self._hide)
        return fault_of_failure(error, failures=self._failures, may_have_left=may_have_left, hide=self._hide)
