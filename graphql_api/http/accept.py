"""Media types of answers and of request bodies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite

from starlette.datastructures import Headers

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One entry of an ``Accept`` header; ``position`` is its place in it."""

    pattern: str
    position: int
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def quality(self) -> float:
        """The client's preference, from 0 (not acceptable) to 1; an unreadable value counts as 1."""
        try:
            quality = float(self.parameters.get("q", 1))
        except ValueError:
            return 1.0
        return min(max(quality, 0.0), 1.0) if isfinite(quality) else 1.0

    def specificity(self, media_type: str) -> int:
        """Return how closely it names the type: 2 exactly, 1 its family, 0 any type, -1 no match."""
        if self.parameters.get("charset", "utf-8") not in {"utf-8", "utf8", "*"}:
            return -1  # everything is answered in UTF-8
        family = media_type.partition("/")[0]
        patterns = ["*/*", f"{family}/*", media_type]
        return patterns.index(self.pattern) if self.pattern in patterns else -1


MOST_ENTRIES = 100
"""A header's later entries count nothing; browsers and libraries send ten at most."""
LONGEST_KEPT = 1_000
"""The most characters of a header that the cache keeps, because a client chooses them."""


def negotiate(accept: str, offered: tuple[str, ...]) -> str | None:
    """Return the client's favourite of the offered media types, or ``None`` if it accepts no offer.

    Of equal favourites, the first in the client's header wins, then the first offer. So a mention alone
    chooses no type: urql lists event streams, and wants JSON. An empty header accepts any type (RFC 9110,
    section 12.5.1).
    """
    return (_kept if len(accept) <= LONGEST_KEPT else _favourite)(accept, offered)


def _favourite(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = list(_ranges(accept)) or [MediaRange("*/*", 0)]
    wishes = [(_closest(ranges, one), -number, one) for number, one in enumerate(offered)]
    wanted = [
        (closest.quality, -closest.position, number, one)
        for closest, number, one in wishes
        if closest is not None and closest.quality > 0
    ]
    return max(wanted)[-1] if wanted else None


_kept = lru_cache(maxsize=128)(_favourite)  # each client sends the same header with every request


def decodes(accept_encoding: str, coding: str) -> bool:
    """Return whether the client's header accepts this coding (RFC 9110, section 12.5.3)."""
    wanted = {one.pattern: one.quality for one in _ranges(accept_encoding)}
    return wanted.get(coding, wanted.get("*", 0.0)) > 0


def unreadable(headers: Headers) -> str | None:
    """Return the reason to refuse a body with these headers, or ``None``.

    Only JSON is read: no HTML form can send it.
    """
    media_type, *parameters = headers.get("content-type", "").lower().split(";")
    charsets = [one.partition("=")[2].strip(' "') for one in parameters if one.strip().startswith("charset=")]
    if media_type.strip() != JSON or not set(charsets) <= {"utf-8", "utf8"}:
        return f"The body must be {JSON} in UTF-8."
    if headers.get("content-encoding", "identity").lower() != "identity":
        return "The body must not be compressed."
    return None


def _closest(ranges: Sequence[MediaRange], media_type: str) -> MediaRange | None:
    """Return the range for the type: the most specific one, and of several the first."""
    fitting = [one for one in ranges if one.specificity(media_type) >= 0]
    return max(fitting, key=lambda one: (one.specificity(media_type), -one.position), default=None)


def _ranges(accept: str) -> Iterator[MediaRange]:
    entries = accept.lower().split(",", MOST_ENTRIES)[:MOST_ENTRIES]
    for position, entry in enumerate(filter(str.strip, entries)):
        pattern, *rest = (part.strip() for part in entry.split(";"))
        pairs = (part.partition("=") for part in rest)
        yield MediaRange(pattern, position, {key.strip(): value.strip(' "') for key, _, value in pairs})
