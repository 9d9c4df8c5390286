"""A cache with a bound on its characters, safe from greedy clients."""

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """Keeps values by their keys; the least recently used value goes first.

    ``most_characters`` bounds the sum over all entries of key, text and ``entry_characters``. The latter is
    the fixed cost of an entry, counted in characters.
    """

    def __init__(self, *, most_characters: int, entry_characters: int) -> None:
        self._most_characters = most_characters
        self._entry_characters = entry_characters
        self._characters = 0
        self._values: OrderedDict[str, tuple[int, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> V | None:
        """Return the value of this key; this counts as a use."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][1]

    def keep(self, key: str, value: V, *, text: str = "") -> None:
        """Keep the value with this text besides its key, and drop others if needed."""
        replaced, _ = self._values.pop(key, (0, value))
        characters = len(key) + len(text) + self._entry_characters
        self._values[key] = (characters, value)
        self._characters += characters - replaced
        while self._characters > self._most_characters:
            _, (characters, _) = self._values.popitem(last=False)
            self._characters -= characters
