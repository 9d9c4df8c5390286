"""Work on the texts of documents, which for a long text happens in a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from graphql import DocumentNode, parse

from graphql_api.schema.execution.renamed_types import RENAMED, with_present_names

T = TypeVar("T")

SHORT_CHARACTERS = 2_000
"""Work on a text up to this length happens at once: it takes a few milliseconds."""


class LongTexts:
    """Works on long texts in one thread. The event loop goes on, and each text is in work once."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")
        self._begun: dict[str, asyncio.Event] = {}

    async def begin(self, text: str) -> None:
        """Wait for the others with this text; ``end`` has to follow."""
        while text in self._begun:
            await self._begun[text].wait()
        self._begun[text] = asyncio.Event()

    def end(self, text: str) -> None:
        """Let the next one have this text."""
        self._begun.pop(text).set()

    async def work(self, text: str, work: Callable[[], T]) -> T:
        """Return what the work returns; work on a long text waits for the thread."""
        if len(text) <= SHORT_CHARACTERS:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def read(text: str, *, most_tokens: int) -> DocumentNode:
    """Return the document without the chain of its tokens, which only the garbage collector could remove.

    Raises ``GraphQLError``.
    """
    document = parse(text, max_tokens=most_tokens)
    token = document.loc and document.loc.start_token
    while token:
        following = token.next
        token.prev = token.next = None
        token = following
    return with_present_names(document) if any(old in text for old in RENAMED) else document
