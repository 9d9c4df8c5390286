"""Searches the list of jobs for marked jobs.

The mark is a part of a job's metadata. An endpoint may drop it, and may ignore a filter by it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from openai import Omit, omit

from graphql_api.providers import marks
from graphql_api.providers.openai.answers import made_at, read_metadata
from graphql_api.providers.openai.pages import walk
from graphql_api.providers.port import CredentialsError, RejectedError, UnknownJobError

Item = dict[str, Any]


class JobPage(Protocol):
    """Fetches the page of the list after the job ``after``, filtered by metadata if given."""

    def __call__(self, after: str | None, *, metadata: dict[str, str] | Omit = omit) -> Awaitable[bytes]:
        """Return the body of the answer."""
        ...


class JobSearch:
    """One search for jobs with a mark.

    Jobs without a mark are looked at back to ``made_after``, or as far as ``reach`` from the newest.
    The list's filter is used and never trusted: an item without the mark shows that it was ignored.
    Raises the errors of ``walk``: a search that ends is complete.
    """

    def __init__(
        self,
        page: JobPage,
        *,
        mark: Mapping[str, str],
        made_after: datetime | None = None,
        reach: timedelta | None = None,
    ) -> None:
        self._page = page
        self._mark = dict(mark)
        self._made_after = made_after
        self._reach = reach
        self._is_of_all = self._is_cut = False

    async def marked_or_matching(self, matches: Callable[[Item], bool]) -> list[Item]:
        """Return the matching jobs, from all recent ones if the filter finds no match; newest first."""
        found = {item["id"]: item async for item in self._filtered() if matches(item)}
        if not found and not self._is_of_all:
            found = {item["id"]: item async for item in self._recent() if matches(item)}
        return list(found.values())

    async def recent_and_marked(self) -> AsyncIterator[Item]:
        """Yield each recent job and, if there are older ones, each filtered job, without repeats."""
        seen: set[str] = set()
        async for item in self._recent():
            seen.add(item["id"])
            yield item
        if self._is_cut:
            async for item in self._filtered():
                if item["id"] not in seen:
                    yield item

    async def _filtered(self) -> AsyncIterator[Item]:
        """Yield the marked jobs, or all recent ones if the endpoint has no filter."""
        self._is_of_all = False
        try:
            async for item in self._back_to_date(partial(self._page, metadata=self._mark)):
                self._is_of_all = self._is_of_all or not self._mark.items() <= read_metadata(item).items()
                yield item
        except (CredentialsError, UnknownJobError):
            raise
        except RejectedError:
            async for item in self._recent():
                yield item

    async def _recent(self) -> AsyncIterator[Item]:
        """Yield all jobs; if the list is newest first, only the recent ones."""
        self._is_of_all = True
        async for item in self._back_to_date(self._page):
            yield item

    async def _back_to_date(self, page: Callable[[str | None], Awaitable[bytes]]) -> AsyncIterator[Item]:
        newer, bound = None, self._made_after
        async for item in walk(page):
            made = made_at(item)
            if newer is None and made and self._reach:
                bound = made - self._reach
            if self._is_of_all and bound and made and newer and made < min(newer, bound):
                self._is_cut = True
                return
            newer = made
            yield item


def is_ours(item: Item, *, finetuning_id: str, training_file_ids: Collection[str]) -> bool:
    """Whether the listed job carries our id or, without any id, trains on one of our files."""
    return marks.is_ours(
        read_metadata(item),
        item.get("training_file"),
        finetuning_id=finetuning_id,
        training_file_ids=training_file_ids,
    )
