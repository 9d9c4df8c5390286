"""Finds what comes more than once among millions, with eight bytes of memory for each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import groupby

from graphql_api.transfer.records import Record

BUCKETS = 256
"""One for each first byte, so that sorting takes little memory."""


class Digests:
    """A bag of digests, of which the first eight bytes are kept.

    Two different ones are almost never taken for the same: the chance is one in a million for ten million.
    """

    def __init__(self) -> None:
        self._buckets: list[array[int]] = [array("Q") for _ in range(BUCKETS)]
        self._is_sorted = False

    def add(self, digest: bytes) -> None:
        """Add a digest."""
        self._buckets[digest[0]].append(_short(digest))
        self._is_sorted = False

    def __contains__(self, digest: bytes) -> bool:
        bucket, short = self._sorted()[digest[0]], _short(digest)
        at = bisect_left(bucket, short)
        return at < len(bucket) and bucket[at] == short

    def repeated(self) -> "Digests":
        """Return those that came more than once."""
        again = Digests()
        for bucket in self._sorted():
            again._take(short for short, count in _counted(bucket) if count > 1)
        return again

    def surplus(self) -> int:
        """Return how many came again."""
        return sum(count - 1 for bucket in self._sorted() for _, count in _counted(bucket))

    def _take(self, shorts: Iterable[int]) -> None:
        for short in shorts:
            self._buckets[short >> 56].append(short)

    def _sorted(self) -> list["array[int]"]:
        if not self._is_sorted:
            self._buckets = [array("Q", sorted(bucket)) for bucket in self._buckets]
            self._is_sorted = True
        return self._buckets


class Seen:
    """Remembers those of a bag's digests that came."""

    def __init__(self, repeated: Digests) -> None:
        self._repeated = repeated
        self._seen = set[bytes]()

    def comes_again(self, digest: bytes) -> bool:
        """Remember the digest; return whether it came before."""
        if digest not in self._repeated:
            return False
        is_again = digest in self._seen
        self._seen.add(digest)
        return is_again


class Once:
    """Passes on each record once; ``left_out`` counts those that came again."""

    def __init__(self, repeated: Digests) -> None:
        self.left_out = 0
        self._seen = Seen(repeated)

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the first of the records that are the same word for word."""
        for record in records:
            if self._seen.comes_again(record.digest):
                self.left_out += 1
            else:
                yield record


def _short(digest: bytes) -> int:
    return int.from_bytes(digest[:8])


def _counted(ordered: "array[int]") -> Iterator[tuple[int, int]]:
    """Yield each number with how often it comes."""
    for short, twins in groupby(ordered):
        yield short, sum(1 for _ in twins)
