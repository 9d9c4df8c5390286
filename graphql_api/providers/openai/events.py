"""Reads a page of a job's log, incomplete lines too.

An endpoint may send more lines than it was asked for.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from graphql_api.providers.answers import moment_of, read_list
from graphql_api.providers.openai.answers import read_event
from graphql_api.providers.port import EventPage


def read_event_page(body: bytes, *, most: int) -> EventPage:
    """Return the page, of the newest ``most`` lines; raises ``OutcomeUnknownError`` for anything but a list.

    A line without an id and without content is left out. An id shared by several lines is dropped.
    """
    items, has_more = read_list(body)
    lines = [item for item in items if isinstance(item, dict)]
    if len(lines) > most:
        is_oldest_first = _is_oldest_first(lines)
        lines = lines[-most:] if is_oldest_first else lines[:most]
        # Older lines are behind a page that is newest first.
        has_more = has_more if is_oldest_first else True
    read = [read_event(line) for line in lines]
    told = [event for event in read if event.id or event.message or event.metrics]
    times_used = Counter(event.id for event in told)
    return EventPage(
        events=[event if times_used[event.id] == 1 else replace(event, id="") for event in told],
        has_more=has_more,
    )


def _is_oldest_first(lines: list[dict[str, Any]]) -> bool:
    """Whether the times rise from the first line to the last; without times they do not."""
    first, last = moment_of(lines[0].get("created_at")), moment_of(lines[-1].get("created_at"))
    return first is not None and last is not None and first < last
