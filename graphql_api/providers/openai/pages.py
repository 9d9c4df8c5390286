"""Reads a provider's list to its end, or raises."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from graphql_api.providers.answers import read_page
from graphql_api.providers.port import MalformedAnswerError

_MOST_PAGES = 1000


async def walk(page_after: Callable[[str | None], Awaitable[bytes]]) -> AsyncIterator[dict[str, Any]]:
    """Yield each item of a list without repeats; ``page_after`` fetches the page after an id.

    Raises ``MalformedAnswerError`` if the provider announces more and does not send it: an item missing
    from half a list proves nothing.
    """
    seen: set[str] = set()
    after: str | None = None
    for _ in range(_MOST_PAGES):
        page = read_page(await page_after(after))
        fresh = {item["id"]: item for item in page.items if item["id"] not in seen}
        for item in fresh.values():
            yield item
        # If the provider does not say whether there is more, it is asked until it sends nothing new.
        if page.has_more is False or (page.has_more is None and not fresh):
            return
        if not fresh:
            break
        seen.update(fresh)
        after = page.items[-1]["id"]
    raise MalformedAnswerError("The provider's list does not come to an end")
