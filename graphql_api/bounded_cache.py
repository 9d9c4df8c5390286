"""A cache that holds so many characters of text and no more, whatever a client asks it to keep."""

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """Keeps values by their texts; what was not used for the longest time goes first.

    ``most_characters`` bounds the sum of ``len(text)``: what is kept for a text grows with its length.
    """

    def __init__(self, *, most_characters: int) -> None:
        self._most_characters = most_characters
        self._characters = 0
        self._values: OrderedDict[str, tuple[int, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> V | None:
        """Return what is kept under this key, which counts as a use."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][1]

    def keep(self, key: str, value: V, *, text: str) -> None:
        """Keep the value of this text, and let go of others as needed."""
        replaced, _ = self._values.pop(key, (0, value))
        self._values[key] = (len(text), value)
        self._characters += len(text) - replaced
        while self._characters > self._most_characters:
            _, (characters, _) = self._values.popitem(last=False)
            self._characters -= characters
