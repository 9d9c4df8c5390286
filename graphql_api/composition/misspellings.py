"""Finds environment variables whose names are nearly those of settings."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from graphql_api.composition.setting_files import SUFFIX

BESIDE_SETTINGS = ("GRAPHQL_API_TOKEN", "GRAPHQL_API_ENV_FILE")
"""The command line's own variables."""

OF_OTHERS = frozenset({"LOGLEVEL", "MONGO_URI", "OPENAI_ADMIN_KEY", "OPENAI_API_KEYS"})
"""Names near ours that other programs read."""

SHORTEST = 8
"""In characters: almost any short name is near another program's."""
NEARNESS = 0.88
"""By difflib: one wrong, missing or swapped part of a name. Two names of settings are less alike."""


def misspellings(given: Iterable[str], settings: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each given name that is nearly a setting's, in capitals, with the setting that it may mean.

    A setting that is given itself is not meant: the other name is then another program's.
    """
    own = {name.upper() for name in settings}
    known = {*own, *(name + SUFFIX.upper() for name in own), *BESIDE_SETTINGS}
    found = {name.upper() for name in given}
    meant = sorted(name for name in known - found if len(name) >= SHORTEST)
    for name in sorted(found - known - OF_OTHERS):
        near = get_close_matches(name, meant, n=1, cutoff=NEARNESS)
        if near and not _has_another_form(near[0], found):
            yield name, near[0]


def _has_another_form(name: str, given: Collection[str]) -> bool:
    """Whether the setting is given after all, itself or by a file."""
    plain = name.removesuffix(SUFFIX.upper())
    return plain in given or plain + SUFFIX.upper() in given
