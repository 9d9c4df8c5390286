"""Finds a status by a provider's word for it, however the word is spelled."""

from collections.abc import Mapping
from typing import TypeVar

Status = TypeVar("Status")


def plain(word: str) -> str:
    """Return the word's letters and digits in lower case, because spellings differ in nothing else."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def by_word(words: Mapping[Status, str]) -> dict[str, Status]:
    """Return the status of each plain word; each status comes with its words in one text."""
    return {plain(word): status for status, spellings in words.items() for word in spellings.split()}
