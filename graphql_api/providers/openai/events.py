"""Reads a page of a job's log, incomplete lines too."""

from collections import Counter
from dataclasses import replace

from graphql_api.providers.answers import read_list
from graphql_api.providers.openai.answers import read_event
from graphql_api.providers.port import EventPage


def read_event_page(body: bytes) -> EventPage:
    """Return the page; raises ``OutcomeUnknownError`` for anything but a list.

    A line without an id and without content is left out. An id shared by several lines is dropped.
    """
    items, has_more = read_list(body)
    read = [read_event(item) for item in items if isinstance(item, dict)]
    told = [event for event in read if event.id or event.message or event.metrics]
    times_used = Counter(event.id for event in told)
    return EventPage(
        events=[event if times_used[event.id] == 1 else replace(event, id="") for event in told],
        has_more=has_more,
    )
