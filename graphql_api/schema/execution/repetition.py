"""Results of a subscription that say what the last one said: they are not sent."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from hashlib import blake2b
from typing import Any

import orjson

MOST_REMEMBERED = 1_000
"""The most subjects of one subscription whose last result is remembered, each in some hundred bytes."""
DIGEST_BYTES = 16

Subject = object
"""What a result is about; ``None`` for a result that is sent in any case."""


async def without_repetitions(
    results: AsyncGenerator[Any, None], *, subject: Callable[[], Subject | None]
) -> AsyncGenerator[Any, None]:
    """Yield each result that differs from the last one about its ``subject``, in what the client selected."""
    last = _Last()
    async with aclosing(results):
        async for result in results:
            about = subject()
            if about is None or last.differs(about, result):
                yield result


class _Last:
    """The digests of the results sent last; those of the longest silent subjects are forgotten first."""

    def __init__(self) -> None:
        self._digests: OrderedDict[Subject, bytes] = OrderedDict()

    def differs(self, about: Subject, result: Any) -> bool:
        """Return whether the result is another than the last one about this, and remember it."""
        digest = _digest(result)
        if self._digests.get(about) == digest:
            return False
        self._digests[about] = digest
        self._digests.move_to_end(about)
        if len(self._digests) > MOST_REMEMBERED:
            self._digests.popitem(last=False)
        return True


def _digest(result: Any) -> bytes:
    errors = [error.formatted for error in result.errors or ()]
    return blake2b(orjson.dumps([result.data, errors]), digest_size=DIGEST_BYTES).digest()
